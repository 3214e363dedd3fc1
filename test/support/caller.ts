import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';

/** Whether a mount namespace can be made, in which files of this machine are hidden from one program only. */
export const canMount = spawnSync('unshare', ['--mount', 'true']).status === 0;

/** Whether system calls can be traced: strace is installed, and may trace. */
export const canTrace = spawnSync('strace', ['-o', '/dev/null', 'true']).status === 0;

/** Whether a program is installed. */
export function isInstalled(name: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, name)));
}

/** A text as one word of the shell. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** Shell commands that wait until the test makes a file; if its directory is removed, the test is over. */
export function waitFor(file: string): string {
  return `while [ -e ${dirname(file)} ] && [ ! -e ${file} ]; do sleep 0.02; done`;
}
