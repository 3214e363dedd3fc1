import { closeSync, constants, fstatSync, openSync, readFileSync, type Stats } from 'node:fs';
import { EXIT, Exit } from '../exit.ts';
import { messages } from '../log/messages.ts';
import { problem, tableDistrust } from '../log/reasons.ts';
import { reasonOf } from './errno.ts';
import { type Directory, foreignLink, type Place, walk } from './symlinks.ts';
import type { Distrust } from './trust.ts';

const READ = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY;

/** Room for some 100,000 services. */
const MOST_BYTES = 64 * 1024 * 1024;

const OTHERS_WRITE = 0o002;
const GROUP_WRITES = 0o020;
const STICKY = 0o1000;

/**
 * Reads a table of services. Its commands run as this user, so root reads it only where no other user can write it.
 *
 * @param path `-`: standard input
 * @throws Exit (usage) when it cannot be read, or is not trusted
 */
export function readTable(path: string): string {
  if (path === '-') return attempt('standard input', () => readFileSync(0, 'utf8'));
  return attempt(path, () => {
    const place = walk(path);
    let descriptor: number | undefined;
    try {
      if (place.missing !== undefined) throw new Error(problem.doesNotExist());
      const stats = fstatSync(place.descriptor);
      if (!stats.isFile()) throw new Error(problem.notRegular());
      if (stats.size > MOST_BYTES) throw new Error(problem.tooLarge(MOST_BYTES / 1024));
      const reason = process.geteuid?.() === 0 ? distrustOf({ path, ...access(stats) }, place) : undefined;
      if (reason !== undefined) throw new Exit(EXIT.usage, messages.tableRefused(path, reason.why, reason.fix));
      descriptor = openSync(`/proc/self/fd/${place.descriptor}`, READ);
      return readFileSync(descriptor, 'utf8');
    } finally {
      closeSync(place.descriptor);
      if (descriptor !== undefined) closeSync(descriptor);
    }
  });
}

function attempt(name: string, read: () => string): string {
  try {
    return read();
  } catch (error) {
    if (error instanceof Exit) throw error;
    throw new Exit(EXIT.usage, messages.tableNotReadable(name, reasonOf(error)), error);
  }
}

function access({ uid, gid, mode }: Stats): Omit<Directory, 'path'> {
  return { uid, gid, mode };
}

/** Why another user could write the table, or put another file in its place. */
function distrustOf(file: Directory, { links, directories }: Place): Distrust | undefined {
  const link = foreignLink(links);
  if (link !== undefined) return tableDistrust.link(link.path, link.uid);
  // In a directory with the sticky bit, nobody can replace a file of root (unlink(2)).
  const writable = directories.filter(({ mode }) => (mode & STICKY) === 0);
  return [file, ...directories].map(ofOther).find(Boolean) ?? [file, ...writable].map(writableByOthers).find(Boolean);
}

function ofOther({ path, uid }: Directory): Distrust | undefined {
  return uid === 0 ? undefined : tableDistrust.foreign(path, uid);
}

function writableByOthers({ path, gid, mode }: Directory): Distrust | undefined {
  if ((mode & OTHERS_WRITE) !== 0) return tableDistrust.world(path);
  return (mode & GROUP_WRITES) !== 0 && gid !== 0 ? tableDistrust.group(path, gid) : undefined;
}
