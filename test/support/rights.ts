import { spawnSync } from 'node:child_process';
import { chmodSync, statSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';
import { isRoot, NOBODY } from './user.ts';

/** Whether rights can be given up: by a process only, and `npm run mutate` runs the tests in threads. */
export const canGiveUpRights = isMainThread;

/** Whether procfs can be mounted in another namespace. */
export function canMountProc(): boolean {
  const mount = ['--mount', '--pid', '--fork', 'mount', '-t', 'proc', 'proc', '/proc'];
  return isRoot && spawnSync('unshare', mount).status === 0;
}

/** Calls a function while a file or directory may not be used, without the rights of root. */
export function refusedAt<T>(path: string, call: () => T): T {
  const { mode } = statSync(path);
  chmodSync(path, 0);
  try {
    return isRoot ? withoutRoot(call) : call();
  } finally {
    // Otherwise only root could remove a directory.
    chmodSync(path, mode);
  }
}

/** Calls a function with the rights of nobody, or of another user; needs root. */
export function withoutRoot<T>(call: () => T, uid = NOBODY): T {
  process.seteuid?.(uid);
  try {
    return call();
  } finally {
    process.seteuid?.(0);
  }
}

/** What a call throws. */
export function thrownBy(call: () => unknown): unknown {
  try {
    call();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}
