import { chmodSync } from 'node:fs';

/** The uid and gid that own nothing: `nobody` on most systems. */
export const NOBODY = 65_534;

export const IS_ROOT = process.geteuid?.() === 0;

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
