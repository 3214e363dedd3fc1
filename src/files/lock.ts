import { spawnSync } from 'node:child_process';
import {
  accessSync,
  constants,
  existsSync,
  fstatSync,
  ftruncateSync,
  lstatSync,
  openSync,
  readFileSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { EXIT, Failure, reasonOf } from '../failure.ts';
import type { Procfs } from '../process/procfs.ts';
import { searchFolders } from './binary.ts';
import { makeOwnFolder, nameOf, ownFolder, whyForeign } from './own-folder.ts';

/** Whether the lock is ours now, until this process ends in whatever way: the kernel holds it (flock(2)). */
export type Lock = { readonly kind: 'taken' } | { readonly kind: 'busy' };

/** flock(1): the status when the lock is held by somebody else. */
const BUSY = 1;

const NO_FILE = 'it is not a regular file';

const FILE_MODE = 0o600;
const FILE_FLAGS = constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW;

/**
 * Takes the lock of a service without waiting. What is started later does not inherit it: the runtimes open files with
 * O_CLOEXEC, and flock(1) locks the open file that it shares with this process.
 *
 * @throws Failure (cannotTell) when there is no safe place for the lock, or no flock(1)
 */
export async function takeLock(pidfile: string, environment: NodeJS.ProcessEnv): Promise<Lock> {
  const path = await lockPath(pidfile, environment);
  let descriptor: number;
  try {
    makeOwnFolder(ownFolder(environment));
    descriptor = openSync(path, FILE_FLAGS, FILE_MODE);
    if (!fstatSync(descriptor).isFile()) throw new Error(NO_FILE);
  } catch (error) {
    throw unlockable(path, reasonOf(error), error);
  }
  // execa hands on no descriptor of ours.
  const env = { PATH: searchFolders(environment.PATH).join(':') };
  const { status, error } = spawnSync('flock', ['--nonblock', '0'], { stdio: [descriptor, 'ignore', 'ignore'], env });
  if (status === BUSY) return { kind: 'busy' };
  if (status !== 0) {
    const problem = error === undefined ? `exited with status ${status}` : `cannot be run: ${reasonOf(error)}`;
    throw unlockable(path, `flock(1), which util-linux has, ${problem}`, error);
  }
  try {
    // Only for a person who looks: the lock is the kernel's, not the file's content.
    ftruncateSync(descriptor);
    writeSync(descriptor, `${process.pid}\n`);
  } catch {
    // There is no space left: the lock is taken all the same.
  }
  return { kind: 'taken' };
}

/** What there is to see of a lock. */
export interface LockState {
  readonly path: string;
  /** the PID of the sipwd that is at work on the service; undefined when there is none */
  readonly holder: number | undefined;
  /** why nobody can take it */
  readonly problem: string | undefined;
}

/**
 * Looks at the lock of a service without touching it. /proc/locks is no help here: it names the flock(1) that took it.
 */
export async function lockState(pidfile: string, environment: NodeJS.ProcessEnv, proc: Procfs): Promise<LockState> {
  const path = await lockPath(pidfile, environment);
  const problem = whyUnlockable(path, ownFolder(environment));
  if (problem !== undefined) return { path, holder: undefined, problem: `cannot take the lock ${path}: ${problem}` };
  return { path, holder: holderOf(path, proc), problem: undefined };
}

/** As far as it can be told without trying. */
function whyUnlockable(path: string, folder: string): string | undefined {
  const foreign = whyForeign(folder);
  if (foreign !== undefined) return foreign;
  try {
    accessSync(existsSync(folder) ? folder : dirname(folder), constants.W_OK | constants.X_OK);
    const stats = lstatSync(path, { throwIfNoEntry: false });
    return stats === undefined || stats.isFile() ? undefined : NO_FILE;
  } catch (error) {
    return reasonOf(error);
  }
}

function holderOf(path: string, proc: Procfs): number | undefined {
  try {
    const pid = Number(readFileSync(path, 'latin1'));
    return pid > 0 && proc.hasOpen(pid, path) ? pid : undefined;
  } catch {
    return undefined;
  }
}

async function lockPath(pidfile: string, environment: NodeJS.ProcessEnv): Promise<string> {
  return `${ownFolder(environment)}/${await nameOf(pidfile)}.lock`;
}

function unlockable(path: string, problem: string, cause?: unknown): Failure {
  const message = `cannot take the lock ${path}: ${problem}; nothing was signalled or started`;
  return new Failure(EXIT.cannotTell, message, cause);
}
