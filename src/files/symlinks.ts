import { closeSync, constants, fstatSync, openSync, readlinkSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { problem } from '../log/reasons.ts';

/** Opens a file without its device: opening /dev/watchdog, for example, starts it (open(2)). */
export const O_PATH = 0o10000000;

/** As many symbolic links as the kernel follows (path_resolution(7)). */
export const MOST_LINKS = 40;

/** A symbolic link. Its owner decides which file is behind it. */
export interface Link {
  readonly path: string;
  readonly uid: number;
}

/** The end of a walk. */
export interface Place {
  /** opened with O_PATH, for the caller to close; a symbolic link only when the walk does not follow the last one */
  readonly descriptor: number;
  /** the symbolic links on the way, in the order in which they were followed */
  readonly links: readonly Link[];
}

/**
 * Walks to a file from the root, a directory descriptor at a time, and follows symbolic links itself: nobody can replace
 * what was passed, and the descriptor is what the links led to.
 *
 * @throws Error when a step fails
 */
export function walk(path: string): Place {
  const links: Link[] = [];
  const steps = path.split('/').filter(Boolean);
  let here = openSync(path.startsWith('/') ? '/' : '.', O_PATH);
  try {
    for (let step = steps.shift(); step !== undefined; step = steps.shift()) {
      const place = `/proc/self/fd/${here}`;
      const next = openSync(`${place}/${step}`, O_PATH | constants.O_NOFOLLOW);
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
    return { descriptor: here, links };
  } catch (error) {
    closeSync(here);
    throw error;
  }
}

/** A link of another user decides for root which file is behind it. */
export function foreignLink(links: readonly Link[]): Link | undefined {
  return links.find(({ uid }) => uid !== 0 && uid !== process.geteuid?.());
}

/**
 * Does something in the directory of a file, through a path that nobody can redirect.
 *
 * @throws Error when a link of another user is on the way
 */
export function inDirectoryOf<T>(path: string, act: (safePath: string) => T): T {
  const { descriptor, links } = walk(dirname(resolve(path)));
  try {
    const foreign = foreignLink(links);
    if (foreign !== undefined) throw new Error(problem.foreignLink(foreign.path, foreign.uid));
    return act(`/proc/self/fd/${descriptor}/${basename(path)}`);
  } finally {
    closeSync(descriptor);
  }
}
