import { closeSync, constants, futimesSync, lstatSync, openSync } from 'node:fs';
import { stateDirectory, stateName } from './state-dir.ts';
import { isOther } from './symlinks.ts';

/** The file that stops all repairs of a user's services, for the maintenance of a machine. */
export interface Hold {
  readonly path: string;
  /** whether a run for this service has said so within the last hour */
  readonly isSaid: boolean;
}

const HOUR_MS = 3_600_000;

const MARK_MODE = 0o600;
const MARK_FLAGS = constants.O_WRONLY | constants.O_CREAT | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/**
 * The file `hold` in the directory of the locks; undefined when there is none. One that another user made does not
 * count: in /tmp, every user can make the directory.
 *
 * @throws Exit as stateName does
 */
export function findHold(pidfile: string): Hold | undefined {
  const directory = stateDirectory();
  const path = `${directory}/hold`;
  const file = stats(path);
  if (file === undefined || !isOurs(file) || !isOurs(stats(directory))) return undefined;
  const said = stats(markPath(pidfile))?.mtimeMs ?? 0;
  const age = Date.now() - said;
  return { path, isSaid: said >= file.mtimeMs && age >= 0 && age < HOUR_MS };
}

/** Notes that it was said. Where nothing can be written, every run says it. */
export function noteHold(pidfile: string): void {
  try {
    const descriptor = openSync(markPath(pidfile), MARK_FLAGS, MARK_MODE);
    const now = Date.now() / 1000;
    futimesSync(descriptor, now, now);
    closeSync(descriptor);
  } catch {
    // A message too many is better than none.
  }
}

function markPath(pidfile: string): string {
  return `${stateDirectory()}/${stateName(pidfile)}.held`;
}

function stats(path: string) {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch {
    // The lock is in the same directory: the run says what is wrong with it.
    return undefined;
  }
}

function isOurs(file: ReturnType<typeof stats>): boolean {
  return file !== undefined && !isOther(file.uid);
}
