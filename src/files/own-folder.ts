import { lstatSync, mkdirSync, readlinkSync, realpathSync, type Stats } from 'node:fs';
import { basename, dirname, isAbsolute, join, resolve } from 'node:path';
import { EXIT, errnoOf, Failure } from '../failure.ts';
import { MOST_LINKS } from './links.ts';

/** The folder is made for its owner alone; a planted link in its place is refused. */
const FOLDER_MODE = 0o700;

/** NAME_MAX is 255 bytes (limits.h); a suffix must fit as well. */
const MOST_NAME_BYTES = 200;

/**
 * The folder that only this user can reach: /run/sipwd for root, `$XDG_RUNTIME_DIR/sipwd`, or one in the temporary
 * folder.
 */
export function ownFolder(environment: NodeJS.ProcessEnv): string {
  const uid = process.geteuid?.() ?? 0;
  if (uid === 0) return '/run/sipwd';
  const { XDG_RUNTIME_DIR: runtime, TMPDIR: temporary } = environment;
  // What is relative counts for nothing (XDG Base Directory Specification): it is another folder in every folder.
  if (runtime !== undefined && isAbsolute(runtime)) return join(runtime, 'sipwd');
  return join(temporary !== undefined && isAbsolute(temporary) ? temporary : '/tmp', `sipwd-${uid}`);
}

/**
 * Makes the folder if need be.
 *
 * @throws Error when it cannot be made, or is not this user's alone
 */
export function makeOwnFolder(folder: string): void {
  try {
    mkdirSync(folder, { mode: FOLDER_MODE });
  } catch (error) {
    if (errnoOf(error) !== 'EEXIST') throw error;
  }
  const problem = whyForeign(folder);
  if (problem !== undefined) throw new Error(problem);
}

/** Why what there is in the place of the folder cannot be used; undefined when it can, or there is nothing yet. */
export function whyForeign(folder: string): string | undefined {
  if (isOwn(folder) || lstatSync(folder, { throwIfNoEntry: false }) === undefined) return undefined;
  const uid = process.geteuid?.();
  return `${folder} is not a folder that only uid ${uid} can reach; remove it, or chmod 700 if it is yours`;
}

/** Whether the folder exists and is this user's alone. */
export function isOwn(folder: string): boolean {
  const stats = lstatSync(folder, { throwIfNoEntry: false });
  return stats?.isDirectory() === true && isOwners(stats);
}

/** Whether nobody but this user can reach it. */
export function isOwners({ uid, mode }: Stats): boolean {
  return uid === process.geteuid?.() && (mode & 0o077) === 0;
}

/**
 * One service, one name for a file: the pidfile tells services apart, by whatever path its folder is reached.
 *
 * @throws Failure (cannotTell) when its path starts from a working directory that is no more
 */
export async function nameOf(pidfile: string): Promise<string> {
  const full = absolute(pidfile);
  const path = join(realFolder(dirname(full)), basename(full));
  const name = encodeURIComponent(path);
  if (name.length <= MOST_NAME_BYTES) return name;
  const { createHash } = await import('node:crypto');
  return createHash('sha256').update(path).digest('hex');
}

function absolute(path: string): string {
  try {
    return resolve(path);
  } catch (error) {
    throw new Failure(EXIT.cannotTell, `cannot tell which file ${path} is: the working directory was removed`, error);
  }
}

/**
 * The start command may be what makes the folder: what is not there yet gets the name that it will have then, so that
 * the lock of a run that waits for the command is the lock of the next run as well.
 */
function realFolder(folder: string, linksLeft = MOST_LINKS): string {
  try {
    return realpathSync.native(folder);
  } catch {
    if (folder === '/') return folder;
  }
  const parent = realFolder(dirname(folder), linksLeft);
  const path = join(parent, basename(folder));
  const target = linksLeft > 0 ? targetOf(path) : undefined;
  return target === undefined ? path : realFolder(resolve(parent, target), linksLeft - 1);
}

/** Where a symbolic link leads; undefined when it is none. */
function targetOf(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}
