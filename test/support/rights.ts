import { spawnSync } from 'node:child_process';
import { chmodSync } from 'node:fs';
import { isRoot, NOBODY } from './user.ts';

/** Whether namespaces can be made and procfs be mounted there. */
export function canMount(): boolean {
  const mount = ['--mount', '--pid', '--fork', 'mount', '-t', 'proc', 'proc', '/proc'];
  return isRoot && spawnSync('unshare', mount).status === 0;
}

/** Looks at a file that nobody may read, without the rights of root, which may read everything. */
export function refusedAt<T>(path: string, look: () => T): T {
  chmodSync(path, 0);
  if (!isRoot) return look();
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
