import { lstatSync } from 'node:fs';
import type { CoreSite } from './core-site.ts';
import { runTool } from './tool.ts';

/** A directory on a network file system can hang: another program looks into it, for so long. */
const FIND_TIMEOUT_MS = 5000;

/** The clock of a file system is coarser than that of a process. */
const CLOCK_MS = 1000;

/** The newest core at one of these places; undefined when there is none. */
export async function findCore(sites: readonly CoreSite[]): Promise<string | undefined> {
  const cores = (await Promise.all(sites.map(coresAt))).flat();
  return cores.sort((one, other) => other.changed - one.changed)[0]?.path;
}

async function coresAt({ directory, name, uid, since }: CoreSite) {
  const args = [directory, '-maxdepth', '1', '-type', 'f', '-name', name, '-print0'];
  const { stdout } = await runTool('find', args, { timeout: FIND_TIMEOUT_MS });
  const paths = Buffer.from(stdout, 'latin1').toString().split('\0').filter(Boolean);
  return paths.flatMap((path) => {
    const stats = lstatSync(path, { throwIfNoEntry: false });
    // The kernel writes no core into a file with a second name; root owns that of a process that may not be read.
    if (!stats?.isFile() || stats.nlink !== 1 || ![uid, 0].includes(stats.uid) || stats.size === 0) return [];
    return stats.mtimeMs < since - CLOCK_MS ? [] : [{ path, changed: stats.mtimeMs }];
  });
}
