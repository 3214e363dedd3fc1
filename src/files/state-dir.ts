import { chmodSync, existsSync, lstatSync, mkdirSync, readlinkSync, realpathSync, type Stats } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { EXIT, Exit } from '../exit.ts';
import { messages } from '../log/messages.ts';
import { stateProblem } from '../log/reasons.ts';
import { errnoOf } from './errno.ts';
import { MOST_LINKS } from './symlinks.ts';

const DIRECTORY_MODE = 0o700;

/** NAME_MAX is 255 bytes (limits.h), and a suffix must fit as well. */
const MOST_NAME_BYTES = 200;

/** The directory of locks and snapshots, which only this user can use. */
export function stateDirectory(): string {
  const uid = process.geteuid?.() ?? 0;
  if (uid === 0) return '/run/sipwd';
  // The environment has no say: cron and a login shell must agree.
  const runtime = `/run/user/${uid}`;
  return existsSync(runtime) ? `${runtime}/sipwd` : `/tmp/sipwd-${uid}`;
}

/** @throws Error when it cannot be made, or other users can use it */
export function makeStateDirectory(directory: string): void {
  try {
    mkdirSync(directory, { mode: DIRECTORY_MODE });
  } catch (error) {
    if (errnoOf(error) !== 'EEXIST') throw error;
    const { uid, mode } = lstatSync(directory);
    // An operator may have made it, to put the file `hold` there.
    if (isDirectory(directory) && uid === process.geteuid?.() && (mode & 0o077) !== 0)
      chmodSync(directory, DIRECTORY_MODE);
  }
  const problem = problemOf(directory);
  if (problem !== undefined) throw new Error(problem);
}

/** Why the directory cannot be used; undefined when it can, or does not exist yet. */
export function problemOf(directory: string): string | undefined {
  if (isPrivate(directory) || lstatSync(directory, { throwIfNoEntry: false }) === undefined) return undefined;
  return stateProblem.foreignDirectory(directory, process.geteuid?.());
}

/** Whether the directory exists and only this user can use it. */
export function isPrivate(directory: string): boolean {
  const stats = lstatSync(directory, { throwIfNoEntry: false });
  return stats?.isDirectory() === true && isOwners(stats);
}

function isDirectory(path: string): boolean {
  return lstatSync(path).isDirectory();
}

/** Whether only this user can use a file. */
export function isOwners({ uid, mode }: Stats): boolean {
  return uid === process.geteuid?.() && (mode & 0o077) === 0;
}

/**
 * The name of a service's files: its pidfile identifies a service, through whichever path its directory is reached.
 *
 * @param real resolves the links of a directory
 * @throws Exit (cannotTell) when the path is relative and the working directory was removed
 */
export function stateName(pidfile: string, real?: (directory: string) => string): string {
  const path = identifyingPath(pidfile, real);
  const name = encodeURIComponent(path);
  if (name.length <= MOST_NAME_BYTES) return name;
  // An import would cost every healthy check three milliseconds.
  const { createHash } = process.getBuiltinModule('node:crypto');
  return createHash('sha256').update(path).digest('hex');
}

/**
 * The path of a pidfile without symbolic links to its directory, which identifies the service.
 *
 * @param real resolves the links of a directory
 * @throws Exit as stateName does
 */
export function identifyingPath(pidfile: string, real: (directory: string) => string = realDirectory): string {
  const full = absolute(pidfile);
  const slash = full.lastIndexOf('/');
  const directory = real(full.slice(0, slash) || '/');
  return `${directory === '/' ? '' : directory}${full.slice(slash)}`;
}

function absolute(path: string): string {
  try {
    return resolve(path);
  } catch (error) {
    throw new Exit(EXIT.cannotTell, messages.noWorkingDirectory(path), error);
  }
}

/**
 * The start command may make the directory. What does not exist yet gets the name that it will have then, so that the
 * name of the service stays the same.
 */
export function realDirectory(directory: string, linksLeft = MOST_LINKS): string {
  try {
    return realpathSync.native(directory);
  } catch {
    if (directory === '/') return directory;
  }
  const parent = realDirectory(dirname(directory), linksLeft);
  const path = join(parent, basename(directory));
  const target = linksLeft > 0 ? targetOf(path) : undefined;
  return target === undefined ? path : realDirectory(resolve(parent, target), linksLeft - 1);
}

/** Where a symbolic link leads; undefined when it is not one. */
function targetOf(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}
