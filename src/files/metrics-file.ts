import { closeSync, constants, lstatSync, openSync, readdirSync, readSync } from 'node:fs';
import { dirname } from 'node:path';
import { removeOlder, replaceFile } from './replace.ts';
import { inDirectoryOf } from './symlinks.ts';

/** NAME_MAX is 255 (limits.h), and the suffixes must fit as well. */
const MOST_NAME_CHARACTERS = 200;

/** node_exporter and its user read it. */
const MODE = 0o644;

/** Room for the first metric of a service with long paths. */
const BEGINNING_BYTES = 16_384;

/** A temporary file that is older is left of a run that was killed. */
const STALE_MS = 3_600_000;

/** The file for the metrics of a service, or of a table. */
export function metricsFile(directory: string, name: string): string {
  let safe = '';
  for (const character of name.slice(0, MOST_NAME_CHARACTERS)) safe += isSafe(character) ? character : '_';
  return `${directory}/sipwd_${safe}.prom`;
}

function isSafe(character: string): boolean {
  return 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-'.includes(character);
}

/**
 * Writes a file completely or not at all. Containers may share the directory, and their PIDs are the same: hence the
 * time in the name of the temporary file, which does not end as node_exporter's files do.
 *
 * @returns which file it is now (metricsFileIdentity)
 * @throws Error also when a link of another user leads to the directory
 */
export function writeMetricsFile(path: string, text: string): string {
  return inDirectoryOf(path, (safePath) => {
    const temporary = `${safePath}.${process.pid}-${Date.now()}`;
    removeStale(safePath);
    return identityFrom(replaceFile(safePath, temporary, text, MODE));
  });
}

/** Which file it is, and when it was written; undefined when there is none. */
export function metricsFileIdentity(path: string): string | undefined {
  try {
    return identityFrom(lstatSync(path));
  } catch {
    return undefined;
  }
}

/** Whether there is such a file, without any of these labels at its beginning. */
export function isOfOthers(path: string, labels: readonly string[]): boolean {
  try {
    const descriptor = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      const buffer = Buffer.alloc(BEGINNING_BYTES);
      const beginning = buffer.toString('utf8', 0, readSync(descriptor, buffer));
      return !labels.some((label) => beginning.includes(label));
    } finally {
      closeSync(descriptor);
    }
  } catch {
    return false;
  }
}

function identityFrom({ ino, mtimeMs }: { readonly ino: number; readonly mtimeMs: number }): string {
  return `${ino} ${mtimeMs}`;
}

function removeStale(safePath: string): void {
  const directory = dirname(safePath);
  const start = `${safePath.slice(directory.length + 1)}.`;
  for (const name of readdirSync(directory)) {
    if (name.startsWith(start)) removeOlder(`${directory}/${name}`, STALE_MS);
  }
}
