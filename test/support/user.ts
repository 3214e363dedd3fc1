import { chmodSync, chownSync, cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEachFile } from './ends.ts';
import { PROGRAM } from './sipwd.ts';

export const isRoot = process.geteuid?.() === 0;

/** nobody: a user without rights on every system. */
export const NOBODY = 65534;

/** The options that run a program as nobody. */
export const AS_NOBODY = { uid: NOBODY, gid: NOBODY };

const made: string[] = [];

/** Far above the users of any system. */
const FIRST_UID = 1_000_000_000;
let users = 0;

/** A user without rights whom no other test has. */
export class SomeUser {
  readonly uid = FIRST_UID + process.pid * 100 + users++;
  /** the options that run a program as this user */
  readonly options = { uid: this.uid, gid: this.uid };
  /** where this user's locks and snapshots are */
  readonly runtime = `/run/user/${this.uid}`;
  readonly directory = join(this.runtime, 'sipwd');

  constructor() {
    mkdirSync(this.runtime, { recursive: true });
    chownSync(this.runtime, this.uid, this.uid);
    chmodSync(this.runtime, 0o700);
    made.push(this.runtime);
  }
}

/** A directory that only this user can use. */
export function folderOf(uid: number, mode = 0o700): string {
  const folder = mkdtempSync(join(tmpdir(), 'sipwd-user-'));
  made.push(folder);
  chmodSync(folder, mode);
  if (isRoot) chownSync(folder, uid, uid);
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

afterEachFile(() => {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true });
});
