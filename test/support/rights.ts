import { spawnSync } from 'node:child_process';
import { chmodSync } from 'node:fs';
import { PROGRAM } from './sipwd.ts';

/** The uid and gid that own nothing: `nobody` on most systems. */
export const NOBODY = 65_534;

export const IS_ROOT = process.geteuid?.() === 0;

/** For spawn(2) by root: as nobody. */
export const AS_NOBODY = { uid: NOBODY, gid: NOBODY };

/** Whether this is root, and others may run the program: it can lie in a folder that is closed to them. */
export function canBecomeNobody(): boolean {
  return IS_ROOT && spawnSync(PROGRAM, ['--version'], { ...AS_NOBODY, cwd: '/' }).status === 0;
}

/** Whether namespaces can be made and procfs be mounted there. */
export function canMount(): boolean {
  const mount = ['--mount', '--pid', '--fork', 'mount', '-t', 'proc', 'proc', '/proc'];
  return IS_ROOT && spawnSync('unshare', mount).status === 0;
}

/** Looks at a file that nobody may read, without the rights of root, which may read everything. */
export function refusedAt<T>(path: string, look: () => T): T {
  chmodSync(path, 0);
  if (!IS_ROOT) return look();
  process.seteuid?.(NOBODY);
  try {
    return look();
  } finally {
    process.seteuid?.(0);
  }
}

/** What a call throws, for a closer look at it. */
export function thrownBy(call: () => unknown): unknown {
  try {
    call();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}
