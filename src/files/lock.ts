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
import { problem, stateProblem } from '../log/reasons.ts';
import type { Procfs } from '../process/procfs.ts';
import { searchDirectories } from './binary.ts';
import { reasonOf } from './errno.ts';
import { makeStateDirectory, problemOf, stateDirectory, stateName } from './state-dir.ts';

/** The lock of a service. The kernel holds it (flock(2)) until this process exits, in whatever way. */
export type Lock =
  | { readonly kind: 'free'; readonly path: string }
  | { readonly kind: 'ours'; readonly path: string }
  /** holder: PID of the sipwd that is working on the service, where it is known */
  | { readonly kind: 'held'; readonly path: string; readonly holder: number | undefined }
  | { readonly kind: 'not available'; readonly path: string; readonly problem: string };

/** The status of flock(1) when another process holds the lock. */
const BUSY = 1;

const FILE_MODE = 0o600;
const FILE_FLAGS = constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW;

/**
 * Takes the lock of a service without waiting. The start command does not inherit it: the runtimes open files with
 * O_CLOEXEC, and flock(1) locks the open file that it shares with this process.
 *
 * @throws Exit as stateName does
 */
export function takeLock(pidfile: string, environment: NodeJS.ProcessEnv): Lock {
  const path = lockPath(pidfile, environment);
  const notAvailable = (what: string): Lock => ({ kind: 'not available', path, problem: what });
  let descriptor: number;
  try {
    makeStateDirectory(stateDirectory(environment));
    descriptor = openSync(path, FILE_FLAGS, FILE_MODE);
    if (!fstatSync(descriptor).isFile()) return notAvailable(problem.notRegular());
  } catch (error) {
    return notAvailable(reasonOf(error));
  }
  const env = { PATH: searchDirectories(environment.PATH).join(':') };
  const { status, error } = spawnSync('flock', ['--nonblock', '0'], { stdio: [descriptor, 'ignore', 'ignore'], env });
  if (error !== undefined) return notAvailable(stateProblem.noFlock(reasonOf(error)));
  if (status === BUSY) return { kind: 'held', path, holder: undefined };
  if (status !== 0) return notAvailable(stateProblem.flockFailed(status));
  try {
    // For -n and for people: the kernel holds the lock, whatever the file contains.
    ftruncateSync(descriptor);
    writeSync(descriptor, `${process.pid}\n`);
  } catch {
    // Without space on the disk the lock is taken all the same.
  }
  return { kind: 'ours', path };
}

/** The state of a service's lock, without touching it. /proc/locks does not help: it names the flock(1) that took it. */
export function lockState(pidfile: string, environment: NodeJS.ProcessEnv, proc: Procfs): Lock {
  const path = lockPath(pidfile, environment);
  const what = whyNotAvailable(path, stateDirectory(environment));
  if (what !== undefined) return { kind: 'not available', path, problem: what };
  const holder = holderOf(path, proc);
  return holder === undefined ? { kind: 'free', path } : { kind: 'held', path, holder };
}

function whyNotAvailable(path: string, directory: string): string | undefined {
  const foreign = problemOf(directory);
  if (foreign !== undefined) return foreign;
  try {
    accessSync(existsSync(directory) ? directory : dirname(directory), constants.W_OK | constants.X_OK);
    const stats = lstatSync(path, { throwIfNoEntry: false });
    return stats === undefined || stats.isFile() ? undefined : problem.notRegular();
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

function lockPath(pidfile: string, environment: NodeJS.ProcessEnv): string {
  return `${stateDirectory(environment)}/${stateName(pidfile)}.lock`;
}
