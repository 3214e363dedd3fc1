import { closeSync, constants, fstatSync, openSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';

/** Opens a file without its device: opening /dev/watchdog, for example, starts it (open(2)). */
export const O_PATH = 0o10000000;

/** As many symbolic links as the kernel follows (path_resolution(7)). */
export const MOST_LINKS = 40;

/** A symbolic link. Its owner decides which file is behind it. */
export interface Link {
  readonly path: string;
  readonly uid: number;
}

/**
 * The symbolic links on the way to a file, followed step by step. Each directory is held open, so that nobody can
 * replace it meanwhile.
 *
 * @throws Error when a step fails
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
