import { closeSync, fstatSync, openSync, type Stats } from 'node:fs';
import { EXIT, Exit } from '../exit.ts';
import { excerpt } from '../log/escape.ts';
import { messages } from '../log/messages.ts';
import { problem } from '../log/reasons.ts';
import { isAbsence, reasonOf } from './errno.ts';
import { MOST_SMALL_BYTES, readSmall } from './read-text.ts';
import { foreignLink, type Link, type Place, READ, reach } from './symlinks.ts';
import type { Access } from './trust.ts';

const WORLD_READABLE = 0o004;

/** PID 1 is init, and PID_MAX_LIMIT is 2^22 on 64-bit systems (proc_sys_kernel(5), pid_max). */
const LOWEST_PID = 2;
const HIGHEST_PID = 4_194_304;

export interface Pidfile {
  readonly path: string;
  /** each PID once, in the order of the file; none when the file is absent or holds none */
  readonly pids: readonly number[];
  /** of the file that was read; undefined when it is absent */
  readonly access: PidfileAccess | undefined;
}

type PidfileAccess = Access & Pick<Stats, 'dev' | 'ino' | 'mtimeMs'>;

/** Which file it is, and when it was changed; empty when it is absent. */
export function identityOf({ access }: Pidfile): string {
  return access === undefined ? '' : `${access.dev} ${access.ino} ${access.mtimeMs}`;
}

/**
 * Reads the pidfile of a service. Everything comes from one open file: its path may name another file a moment later.
 *
 * @throws Exit (badPidfile) when it cannot be read, is not a regular file, is larger than 64 KiB, or holds anything but PIDs
 */
export function readPidfile(path: string): Pidfile {
  const place = locate(path);
  if (place === undefined) return { path, pids: [], access: undefined };
  let descriptor: number | undefined;
  try {
    const stats = fstatSync(place.descriptor);
    if (!stats.isFile()) throw unusable(path, problem.notRegular());
    descriptor = openSync(`/proc/self/fd/${place.descriptor}`, READ);
    const access = accessOf(stats, foreignLink(place.links));
    const isPublic = access.link === undefined && (access.mode & WORLD_READABLE) !== 0;
    return { path, pids: parsePids(textOf(descriptor, path, stats.size), path, isPublic), access };
  } catch (error) {
    if (error instanceof Exit) throw error;
    throw unusable(path, problem.notReadable(reasonOf(error)), error);
  } finally {
    close(place.descriptor);
    if (descriptor !== undefined) close(descriptor);
  }
}

/**
 * Parses PIDs in decimal, separated by white space.
 *
 * @param path for the message
 * @param isPublic whether every user can read the file: only then the message shows its content
 * @throws Exit (badPidfile) that names the file and the line
 */
export function parsePids(text: string, path: string, isPublic = true): number[] {
  const only = toPid(text.endsWith('\n') ? text.slice(0, -1) : text);
  if (only !== undefined) return [only];
  const pids = new Set<number>();
  for (const [index, line] of withBlanks(text).split('\n').entries()) {
    for (const word of line.split(' ')) {
      if (word === '') continue;
      const pid = toPid(word);
      if (pid === undefined) {
        const shown = excerpt(Buffer.from(word, 'latin1').toString());
        const what = isPublic
          ? problem.notAPid(index + 1, shown, LOWEST_PID, HIGHEST_PID)
          : problem.notShown(index + 1, LOWEST_PID, HIGHEST_PID);
        throw unusable(path, what);
      }
      pids.add(pid);
    }
  }
  return [...pids];
}

/** Regular expressions would cost every healthy check half a megabyte. */
function withBlanks(text: string): string {
  let plain = text;
  for (const other of ['\t', '\r', '\v', '\f']) plain = plain.replaceAll(other, ' ');
  return plain;
}

/** @returns undefined for anything but digits, and for a number out of the range */
function toPid(word: string): number | undefined {
  let digits = word;
  while (digits.startsWith('0')) digits = digits.slice(1);
  const pid = Number(digits);
  // Number() takes much that is no decimal number; of that, nothing comes back as it was.
  const isDecimal = Number.isInteger(pid) && String(pid) === digits;
  return isDecimal && pid >= LOWEST_PID && pid <= HIGHEST_PID ? pid : undefined;
}

/** @returns undefined when there is no such file */
function locate(path: string): Place | undefined {
  try {
    const place = reach(path);
    if (place.missing === undefined) return place;
    close(place.descriptor);
    return undefined;
  } catch (error) {
    if (isAbsence(error)) return undefined;
    throw unusable(path, problem.notReadable(reasonOf(error)), error);
  }
}

/** An error at the end does not change what was read. */
function close(descriptor: number): void {
  try {
    closeSync(descriptor);
  } catch {
    // Linux has closed it all the same (close(2)).
  }
}

function accessOf({ uid, gid, mode, dev, ino, mtimeMs }: Stats, link: Link | undefined): PidfileAccess {
  return { uid, gid, mode, dev, ino, mtimeMs, ...(link && { link }) };
}

/** Latin-1: one byte, one character. */
function textOf(descriptor: number, path: string, size: number): string {
  const bytes = readSmall(descriptor, size);
  if (bytes === undefined) throw unusable(path, problem.tooLarge(MOST_SMALL_BYTES / 1024));
  return bytes.toString('latin1');
}

function unusable(path: string, what: string, cause?: unknown): Exit {
  return new Exit(EXIT.badPidfile, messages.badPidfile(path, what), cause);
}
