import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { constants, ftruncateSync, lstatSync, mkdirSync, openSync, realpathSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { EXIT, errnoOf, Failure, reasonOf } from '../failure.ts';
import { USUAL_FOLDERS } from './binary.ts';

/** Whether the lock is ours now, until this process ends in whatever way: the kernel holds it (flock(2)). */
export type Lock = { readonly kind: 'taken' } | { readonly kind: 'busy' };

/** flock(1): the status when the lock is held by somebody else. */
const BUSY = 1;

/** The folder is made for its owner alone; a planted link in its place is refused. */
const FOLDER_MODE = 0o700;
const FILE_MODE = 0o600;
const FILE_FLAGS = constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW;

/**
 * Takes the lock of a service without waiting. What is started later does not inherit it: the runtimes open files with
 * O_CLOEXEC, and flock(1) locks the open file that it shares with this process.
 *
 * @throws Failure (cannotTell) when there is no safe place for the lock, or no flock(1)
 */
export function takeLock(pidfile: string, environment: NodeJS.ProcessEnv): Lock {
  const folder = ownFolder(environment);
  const path = join(folder, lockName(pidfile));
  let descriptor: number;
  try {
    descriptor = openSync(path, FILE_FLAGS, FILE_MODE);
  } catch (error) {
    throw unlockable(path, reasonOf(error), error);
  }
  // execa hands on no descriptor of ours.
  const env = { PATH: [environment.PATH, ...USUAL_FOLDERS].join(':') };
  const { status, error } = spawnSync('flock', ['--nonblock', '0'], { stdio: [descriptor, 'ignore', 'ignore'], env });
  if (status === BUSY) return { kind: 'busy' };
  if (status !== 0) {
    const problem = error === undefined ? `exited with status ${status}` : `cannot be run: ${reasonOf(error)}`;
    throw unlockable(path, `flock(1), which util-linux has, ${problem}`, error);
  }
  // Only for a person who looks: the lock is the kernel's, not the file's content.
  ftruncateSync(descriptor);
  writeSync(descriptor, `${process.pid}\n`);
  return { kind: 'taken' };
}

/**
 * The folder that only this user can reach, made if need be: /run/sipwd for root, `$XDG_RUNTIME_DIR/sipwd`, or one in
 * the temporary folder.
 *
 * @throws Failure (cannotTell) when it is not this user's, or cannot be made
 */
export function ownFolder(environment: NodeJS.ProcessEnv): string {
  const uid = process.geteuid?.() ?? 0;
  const folder = folderOf(uid, environment);
  try {
    mkdirSync(folder, { mode: FOLDER_MODE });
  } catch (error) {
    if (errnoOf(error) !== 'EEXIST') throw unlockable(folder, reasonOf(error), error);
  }
  const stats = lstatSync(folder);
  const isOwn = stats.isDirectory() && stats.uid === uid && (stats.mode & 0o077) === 0;
  if (isOwn) return folder;
  throw unlockable(folder, `it is not a folder that only uid ${uid} can reach; remove it, or chmod 700 if it is yours`);
}

function folderOf(uid: number, environment: NodeJS.ProcessEnv): string {
  if (uid === 0) return '/run/sipwd';
  const runtime = environment.XDG_RUNTIME_DIR;
  return runtime ? join(runtime, 'sipwd') : join(tmpdir(), `sipwd-${uid}`);
}

/** One service, one name: the pidfile tells services apart, by whatever path its folder is reached. */
function lockName(pidfile: string): string {
  const full = resolve(pidfile);
  const folder = realFolder(dirname(full));
  const digest = createHash('sha256')
    .update(join(folder, basename(full)))
    .digest('hex')
    .slice(0, 32);
  return `${digest}.lock`;
}

function realFolder(folder: string): string {
  try {
    return realpathSync(folder);
  } catch {
    // The start command may be what makes the folder; until then nobody reaches it by another path.
    return folder;
  }
}

function unlockable(path: string, problem: string, cause?: unknown): Failure {
  const message = `cannot take the lock ${path}: ${problem}; nothing was signalled or started`;
  return new Failure(EXIT.cannotTell, message, cause);
}
