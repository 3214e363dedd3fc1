import { closeSync, constants, fstatSync, openSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';

/** Opens a file for a look at it, not its device: to open /dev/watchdog, for one, starts it (open(2)). */
export const O_PATH = 0o10000000;

/** As many symbolic links as the kernel follows (path_resolution(7)). */
export const MOST_LINKS = 40;

/** A symbolic link. Its owner has the say in what lies behind it. */
export interface Link {
  readonly path: string;
  readonly uid: number;
}

/**
 * The symbolic links on the way to a file, which are followed step by step. Each folder is held open, so that nobody
 * can put another in its place meanwhile.
 *
 * @throws Error when a step cannot be made
 */
export function linksOnTheWay(path: string): Link[] {
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
      if (links.length > MOST_LINKS) throw new Error(`there are more than ${MOST_LINKS} symbolic links on the way`);
      const target = readlinkSync(`${place}/${step}`);
      steps.unshift(...target.split('/').filter(Boolean));
      if (!target.startsWith('/')) continue;
      closeSync(here);
      here = openSync('/', O_PATH);
    }
    return links;
  } finally {
    closeSync(here);
  }
}
