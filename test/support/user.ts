import { chmodSync, chownSync, cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll } from 'vitest';
import { PROGRAM } from './sipwd.ts';

export const isRoot = process.geteuid?.() === 0;

/** nobody: a user without rights on every system. */
export const NOBODY = 65534;

/** The options that run a program as nobody. */
export const AS_NOBODY = { uid: NOBODY, gid: NOBODY };

/** The same for sipwd, whose locks and snapshots are then in a directory below `runtime`. */
export function asNobodyIn(runtime: string) {
  return { ...AS_NOBODY, env: { XDG_RUNTIME_DIR: runtime } };
}

const made: string[] = [];

/** A directory that only this user can use. */
export function folderOf(uid: number, mode = 0o700): string {
  const folder = mkdtempSync(join(tmpdir(), 'sipwd-user-'));
  made.push(folder);
  chmodSync(folder, mode);
  chownSync(folder, uid, uid);
  return folder;
}

/** A copy of the program that every user can run, wherever the checkout is. */
export function publicProgram(): string {
  const folder = folderOf(0, 0o755);
  if (!PROGRAM.endsWith('bin/sipwd')) {
    cpSync(PROGRAM, join(folder, 'sipwd'));
    return join(folder, 'sipwd');
  }
  for (const part of ['bin', 'dist']) {
    cpSync(join(dirname(PROGRAM), '..', part), join(folder, part), { recursive: true });
  }
  return join(folder, 'bin/sipwd');
}

afterAll(() => {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true });
});
