import { closeSync, constants, fstatSync, openSync, readlinkSync, type Stats, statfsSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { problem } from '../log/reasons.ts';
import { errnoOf } from './errno.ts';

/** Opens a file without its device: opening /dev/watchdog, for example, starts it (open(2)). */
export const O_PATH = 0o10000000;

/** A regular file can block, too: one of /proc or of tracefs, or one with a lease (fcntl(2)). */
export const READ = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY;

/** statfs(2): PROC_SUPER_MAGIC */
export const PROCFS_TYPE = 0x9fa0;

/** As many symbolic links as the kernel follows (path_resolution(7)). */
export const MOST_LINKS = 40;

/** A symbolic link. Its owner decides which file is behind it. */
export interface Link {
  readonly path: string;
  readonly uid: number;
}

/** The end of a walk. */
export interface Place {
  /** opened with O_PATH, for the caller to close */
  readonly descriptor: number;
  /** the name of the file, if only that is missing; then the descriptor is its directory */
  readonly missing?: string;
  /** the symbolic links on the way, in the order in which they were followed */
  readonly links: readonly Link[];
  /** the directories that were searched, in the same order */
  readonly directories: readonly Directory[];
}

export interface Directory extends Pick<Stats, 'uid' | 'gid' | 'mode'> {
  readonly path: string;
}

/**
 * Walks to a file from the root, a directory descriptor at a time, and follows symbolic links itself: nobody can replace
 * what was passed, and the descriptor is what the links led to. The links of procfs are the kernel's, and it follows them.
 *
 * @throws Error when a step fails, unless only the last one is missing
 */
export function walk(path: string): Place {
  const links: Link[] = [];
  const directories: Directory[] = [];
  const steps = path.split('/').filter(Boolean);
  let here = openSync(path.startsWith('/') ? '/' : '.', O_PATH);
  try {
    for (let step = steps.shift(); step !== undefined; step = steps.shift()) {
      const place = `/proc/self/fd/${here}`;
      const { uid, gid, mode } = fstatSync(here);
      directories.push({ path: readlinkSync(place), uid, gid, mode });
      const next = open(`${place}/${step}`, isProcfs(place));
      if (next === undefined) {
        if (steps.length > 0) throw absent(path);
        return { descriptor: here, links, directories, missing: step };
      }
      const stats = fstatSync(next);
      if (!stats.isSymbolicLink()) {
        closeSync(here);
        here = next;
        continue;
      }
      closeSync(next);
      links.push({ path: join(readlinkSync(place), step), uid: stats.uid });
      if (links.length > MOST_LINKS) throw new Error(problem.tooManyLinks(MOST_LINKS));
      const target = readlinkSync(`${place}/${step}`);
      steps.unshift(...target.split('/').filter(Boolean));
      if (!target.startsWith('/')) continue;
      closeSync(here);
      here = openSync('/', O_PATH);
    }
    return { descriptor: here, links, directories };
  } catch (error) {
    closeSync(here);
    throw error;
  }
}

/** The same. Without a symbolic link on the way, one open is enough: the descriptor is at the path itself. */
export function reach(path: string): Place {
  const descriptor = open(path, true);
  if (descriptor === undefined) return walk(path);
  const found = readlinkSync(`/proc/self/fd/${descriptor}`);
  if (found === path || found === resolve(path)) return { descriptor, links: [], directories: [] };
  closeSync(descriptor);
  return walk(path);
}

/** @returns undefined when there is no such file */
function open(path: string, follows: boolean): number | undefined {
  try {
    return openSync(path, follows ? O_PATH : O_PATH | constants.O_NOFOLLOW);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

function isProcfs(directory: string): boolean {
  return statfsSync(directory).type === PROCFS_TYPE;
}

function absent(path: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`ENOENT: no such file or directory, open '${path}'`), { code: 'ENOENT' });
}

/** Whether a user is neither root nor the caller. */
export function isOther(uid: number): boolean {
  return uid !== 0 && uid !== process.geteuid?.();
}

/** A link of another user decides for root which file is behind it. */
export function foreignLink(links: readonly Link[]): Link | undefined {
  return links.find(({ uid }) => isOther(uid));
}

/**
 * Does something in the directory of a file, through a path that nobody can redirect.
 *
 * @throws Error when a link of another user is on the way
 */
export function inDirectoryOf<T>(path: string, act: (safePath: string) => T): T {
  // Not normalized: after a symbolic link, `..` is another directory.
  const { descriptor, links, missing } = reach(dirname(path));
  try {
    const foreign = foreignLink(links);
    if (foreign !== undefined) throw new Error(problem.foreignLink(foreign.path, foreign.uid));
    if (missing !== undefined) throw absent(path);
    return act(`/proc/self/fd/${descriptor}/${basename(path)}`);
  } finally {
    closeSync(descriptor);
  }
}
