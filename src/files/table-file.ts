import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { EXIT, Exit } from '../exit.ts';
import { messages } from '../log/messages.ts';
import { problem, tableDistrust } from '../log/reasons.ts';
import { reasonOf } from './errno.ts';
import { type Directory, foreignLink, isOther, type Place, READ, walk } from './symlinks.ts';
import { type Distrust, writersOf } from './trust.ts';

/** Room for some 100,000 services. */
const MOST_BYTES = 64 * 1024 * 1024;

const STICKY = 0o1000;

/**
 * Reads a table of services. Its commands run as this user, so root reads it only where no other user can write it.
 *
 * @param path `-`: standard input
 * @throws Exit (usage) when it cannot be read, or is not trusted
 */
export function readTable(path: string): string {
  if (path === '-') return orExit('standard input', readStdin);
  return orExit(path, () => {
    const place = walk(path);
    let descriptor: number | undefined;
    try {
      if (place.missing !== undefined) throw new Error(problem.doesNotExist());
      const stats = fstatSync(place.descriptor);
      if (!stats.isFile()) throw new Error(problem.notRegular());
      if (stats.size > MOST_BYTES) throw new Error(problem.tooLarge(MOST_BYTES / 1024));
      const { uid, gid, mode } = stats;
      const reason = process.geteuid?.() === 0 ? tableDistrustOf({ path, uid, gid, mode }, place) : undefined;
      if (reason !== undefined) throw new Exit(EXIT.usage, messages.tableRefused(path, reason.why, reason.fix));
      descriptor = openSync(`/proc/self/fd/${place.descriptor}`, READ);
      return readFileSync(descriptor, 'utf8');
    } finally {
      closeSync(place.descriptor);
      if (descriptor !== undefined) closeSync(descriptor);
    }
  });
}

/** A program that writes a table and fails writes nothing; where stdin is closed, the runtime opens /dev/null. */
function readStdin(): string {
  const text = readFileSync(0, 'utf8');
  if (text === '') throw new Error(problem.empty());
  return text;
}

/** @throws Exit (usage) instead of any other error */
function orExit(name: string, read: () => string): string {
  try {
    return read();
  } catch (error) {
    if (error instanceof Exit) throw error;
    throw new Exit(EXIT.usage, messages.tableNotReadable(name, reasonOf(error)), error);
  }
}

/** Why another user could write the table, or put another file in its place. */
function tableDistrustOf(file: Directory, { links, directories }: Place): Distrust | undefined {
  const link = foreignLink(links);
  if (link !== undefined) return tableDistrust.link(link.path, link.uid);
  // In a directory with the sticky bit, nobody can replace a file of root (unlink(2)).
  const writable = directories.filter(({ mode }) => (mode & STICKY) === 0);
  return [file, ...directories].map(ofOther).find(Boolean) ?? [file, ...writable].map(writableByOthers).find(Boolean);
}

function ofOther({ path, uid }: Directory): Distrust | undefined {
  return isOther(uid) ? tableDistrust.foreign(path, uid) : undefined;
}

function writableByOthers(place: Directory): Distrust | undefined {
  const { path, gid } = place;
  const writers = writersOf(place);
  if (writers === 'world') return tableDistrust.world(path);
  return writers === 'group' ? tableDistrust.group(path, gid) : undefined;
}
