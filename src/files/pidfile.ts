import { closeSync, constants, fstatSync, openSync, readlinkSync, readSync, type Stats } from 'node:fs';
import { resolve } from 'node:path';
import { EXIT, Failure, isAbsence, reasonOf } from '../failure.ts';
import { excerpt } from '../log/printable.ts';
import { type Link, linksOnTheWay, O_PATH } from './links.ts';
import type { Access } from './trust.ts';

/** Room for some eight thousand PIDs; a larger file is no pidfile. */
const MOST_BYTES = 64 * 1024;

/** PID 1 is init, and PID_MAX_LIMIT is 2^22 on 64-bit systems (proc_sys_kernel(5), pid_max). */
const LOWEST_PID = 2;
const HIGHEST_PID = 4_194_304;

export interface Pidfile {
  readonly path: string;
  /** each PID once, in the order of the file; none when the file is absent or holds none */
  readonly pids: readonly number[];
  /** whose it is, who can write it and which it is, of the very file that was read; undefined when it is absent */
  readonly access: PidfileAccess | undefined;
}

type PidfileAccess = Access & Pick<Stats, 'dev' | 'ino' | 'mtimeMs'>;

/**
 * Reads the pidfile of a service, which is judged by the open file: the name may mean another one a moment later.
 *
 * @throws Failure (badPidfile) when it cannot be read, is no regular file, is larger than 64 KiB, or holds anything else
 */
export function readPidfile(path: string): Pidfile {
  const place = locate(path);
  if (place === undefined) return { path, pids: [], access: undefined };
  let descriptor = place;
  try {
    const access = fstatSync(place);
    if (!access.isFile()) throw unusable(path, 'it is not a regular file');
    descriptor = openSync(`/proc/self/fd/${place}`, constants.O_RDONLY);
    return { path, pids: parsePids(readAtMost(descriptor, path), path), access: accessBy(path, place, access) };
  } catch (error) {
    if (Failure.is(error)) throw error;
    throw unusable(path, `it cannot be read: ${reasonOf(error)}`, error);
  } finally {
    close(place);
    if (descriptor !== place) close(descriptor);
  }
}

/**
 * Parses PIDs in decimal, separated by white space.
 *
 * @param path the name of the file, for the message
 * @throws Failure (badPidfile) that names the file, the line and what stands there
 */
export function parsePids(text: string, path: string): number[] {
  const pids = new Set<number>();
  for (const [index, line] of withBlanks(text).split('\n').entries()) {
    for (const word of line.split(' ')) {
      if (word === '') continue;
      const pid = toPid(word);
      if (pid === undefined) {
        throw unusable(
          path,
          `line ${index + 1} holds ${excerpt(Buffer.from(word, 'latin1').toString())} where a PID (${LOWEST_PID} to ${HIGHEST_PID}) is expected`,
        );
      }
      pids.add(pid);
    }
  }
  return [...pids];
}

/** White space within a line as blanks. Regular expressions would cost every healthy check half a megabyte. */
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
function locate(path: string): number | undefined {
  try {
    return openSync(path, O_PATH);
  } catch (error) {
    if (isAbsence(error)) return undefined;
    throw unusable(path, `it cannot be opened: ${reasonOf(error)}`, error);
  }
}

/** No error at the end takes back what was read. */
function close(descriptor: number): void {
  try {
    closeSync(descriptor);
  } catch {
    // Linux has closed it all the same (close(2)).
  }
}

/** Whoever owns a link on the way decides which file is read. */
function accessBy(path: string, place: number, stats: Stats): PidfileAccess {
  const { uid, gid, mode, dev, ino, mtimeMs } = stats;
  const isDirect = readlinkSync(`/proc/self/fd/${place}`) === resolve(path);
  const foreign = isDirect ? undefined : linksOnTheWay(path).find(isForeign);
  return { uid, gid, mode, dev, ino, mtimeMs, ...(foreign && { link: foreign }) };
}

function isForeign({ uid }: Link): boolean {
  return uid !== 0 && uid !== process.geteuid?.();
}

/** Reads to the end, not to a size that may change meanwhile; one byte, one character. */
function readAtMost(descriptor: number, path: string): string {
  const buffer = Buffer.allocUnsafe(MOST_BYTES + 1);
  let length = 0;
  while (length < buffer.length) {
    const count = readSync(descriptor, buffer, length, buffer.length - length, null);
    if (count === 0) return buffer.toString('latin1', 0, length);
    length += count;
  }
  throw unusable(path, `it is larger than ${MOST_BYTES / 1024} KiB`);
}

function unusable(path: string, problem: string, cause?: unknown): Failure {
  const message = `cannot use the pidfile ${path}: ${problem}`;
  return new Failure(EXIT.badPidfile, message, cause);
}
