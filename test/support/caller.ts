import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';

/** Whether a mount namespace can be made, in which files of this machine are hidden from one program only. */
export const canMount = spawnSync('unshare', ['--mount', 'true']).status === 0;

/** Whether system calls can be traced: strace is installed, and may trace. */
export const canTrace = spawnSync('strace', ['-o', '/dev/null', 'true']).status === 0;

/** For a run whose system calls are examined: `npm run coverage` does not make it write what it has executed. */
export const WITHOUT_COVERAGE = { NODE_V8_COVERAGE: '' };

/** Where a program is installed; undefined when it is not. */
export function pathOf(name: string): string | undefined {
  const paths = (process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, name));
  return paths.find((path) => existsSync(path));
}

/** Whether a program is installed. */
export function isInstalled(name: string): boolean {
  return pathOf(name) !== undefined;
}

/** A text as one word of the shell. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** Shell commands that wait until the test makes a file; if its directory is removed, the test is over. */
export function waitFor(file: string): string {
  return `while [ -e ${dirname(file)} ] && [ ! -e ${file} ]; do sleep 0.02; done`;
}
