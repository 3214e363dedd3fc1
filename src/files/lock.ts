import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  fstatSync,
  ftruncateSync,
  lstatSync,
  openSync,
  readFileSync,
  readSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { problem, stateProblem } from '../log/reasons.ts';
import type { Procfs } from '../process/procfs.ts';
import { hasExited } from '../process/stat.ts';
import { runTool } from '../process/tool.ts';
import type { ProcessId } from '../process/verdict.ts';
import { errnoOf, reasonOf } from './errno.ts';
import { makeStateDirectory, problemOf, stateDirectory, stateName } from './state-dir.ts';

/** The lock of a service. The kernel holds it (flock(2)) until this process exits, in whatever way. */
export type Lock =
  /** instead: why the runfile would be locked in place of the lock file */
  | { readonly kind: 'free'; readonly path: string; readonly instead: string | undefined }
  /** instead: why the runfile is locked in place of the lock file */
  | { readonly kind: 'ours'; readonly path: string; readonly descriptor: number; readonly instead: string | undefined }
  /** holder: PID of the sipwd that is working on the service, where it is known */
  | { readonly kind: 'held'; readonly path: string; readonly holder: number | undefined }
  /** command: PID of a start command that still runs although its sipwd was killed */
  | { readonly kind: 'starting'; readonly path: string; readonly command: number }
  | { readonly kind: 'not available'; readonly path: string; readonly problem: string };

/** The status of flock(1) when another process holds the lock. */
const BUSY = 1;

/** flock(1) does not wait for the lock, but a machine can be slow. */
const FLOCK_TIMEOUT_MS = 10_000;

/** Errors that last. After one that passes, another run may hold the lock file: the runfile would not exclude it. */
const NOT_WRITABLE = ['EROFS', 'ENOSPC', 'EDQUOT', 'EACCES', 'EPERM', 'ENOENT', 'ENOTDIR', 'EISDIR', 'ELOOP', 'ENXIO'];

const FILE_MODE = 0o600;
const FILE_FLAGS = constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** A lock file holds two short lines. */
const MOST_BYTES = 100;

/**
 * Takes the lock of a service without waiting. The start command does not inherit it: the runtimes open files with
 * O_CLOEXEC, and flock(1) locks the open file that it shares with this process. Where there is no directory for a lock
 * file, the runfile is locked: a service that is down must come back.
 *
 * @throws Exit as stateName does
 */
export async function takeLock(pidfile: string, runfile: string, proc: Procfs): Promise<Lock> {
  const path = lockPath(pidfile);
  let descriptor: number;
  try {
    makeStateDirectory(stateDirectory());
    descriptor = openSync(path, FILE_FLAGS, FILE_MODE);
  } catch (error) {
    const errno = errnoOf(error);
    if (errno !== undefined && !NOT_WRITABLE.includes(errno)) {
      return { kind: 'not available', path, problem: reasonOf(error) };
    }
    return lockRunfile(runfile, `${path}: ${reasonOf(error)}`);
  }
  if (!fstatSync(descriptor).isFile()) {
    closeSync(descriptor);
    return lockRunfile(runfile, `${path}: ${problem.notRegular()}`);
  }
  const lock = await flock({ path, descriptor, instead: undefined });
  if (lock.kind !== 'ours') return lock;
  const command = runningCommand(contentOf(descriptor), proc);
  if (command !== undefined) {
    closeSync(descriptor);
    return { kind: 'starting', path, command };
  }
  note(descriptor, `${process.pid}\n`);
  return lock;
}

async function lockRunfile(path: string, instead: string): Promise<Lock> {
  try {
    return await flock({ path, descriptor: openSync(path, constants.O_RDONLY | constants.O_NONBLOCK), instead });
  } catch (error) {
    return { kind: 'not available', path, problem: `${reasonOf(error)}; ${instead}` };
  }
}

async function flock(file: Omit<Extract<Lock, { kind: 'ours' }>, 'kind'>): Promise<Lock> {
  const { path, descriptor } = file;
  // The short option, because busybox has no other.
  const { status, errno } = await runTool('flock', ['-n', '0'], { descriptor, timeout: FLOCK_TIMEOUT_MS });
  if (status === 0) return { kind: 'ours', ...file };
  closeSync(descriptor);
  if (status === BUSY) return { kind: 'held', path, holder: undefined };
  return { kind: 'not available', path, problem: flockProblem(status, errno) };
}

function flockProblem(status: number | undefined, errno: string | undefined): string {
  if (status !== undefined) return stateProblem.flockFailed(status);
  return errno === 'ENOENT' ? stateProblem.flockMissing() : stateProblem.noFlock(errno ?? '');
}

/** Lets go of a lock before this process exits. */
export function releaseLock(lock: Lock): void {
  if (lock.kind === 'ours') closeSync(lock.descriptor);
}

/** Notes the start command in the lock file, for the run that follows if this one is killed. */
export function noteCommand(lock: Lock | undefined, { pid, startTime }: ProcessId): void {
  if (lock?.kind === 'ours' && lock.instead === undefined)
    note(lock.descriptor, `${process.pid}\n${pid} ${startTime}\n`);
}

/** Without space on the disk the lock is taken all the same. */
function note(descriptor: number, text: string): void {
  try {
    ftruncateSync(descriptor);
    writeSync(descriptor, text, 0);
  } catch {
    // The kernel holds the lock, whatever the file contains.
  }
}

/** The state of a service's lock, without touching it. /proc/locks does not help: it names the flock(1) that took it. */
export function lockState(pidfile: string, runfile: string, proc: Procfs): Lock {
  const path = lockPath(pidfile);
  const what = whyNotAvailable(path, stateDirectory());
  if (what !== undefined) return { kind: 'free', path: runfile, instead: `${path}: ${what}` };
  const content = existsSync(path) ? readFileSync(path, 'latin1') : '';
  const holder = Number(content.split('\n', 1)[0]);
  if (holder > 0 && proc.hasOpen(holder, path)) return { kind: 'held', path, holder };
  const command = runningCommand(content, proc);
  return command === undefined ? { kind: 'free', path, instead: undefined } : { kind: 'starting', path, command };
}

/** The PID of the start command in the content of a lock file, if it still runs. */
function runningCommand(content: string, proc: Procfs): number | undefined {
  const [pid, startTime] = (content.split('\n')[1] ?? '').split(' ').map(Number);
  if (!pid || !startTime) return undefined;
  const stat = proc.stat(pid);
  return stat.kind === 'read' && !hasExited(stat.value) && stat.value.startTime === startTime ? pid : undefined;
}

function contentOf(descriptor: number): string {
  const buffer = Buffer.alloc(MOST_BYTES);
  return buffer.toString('latin1', 0, readSync(descriptor, buffer, 0, MOST_BYTES, 0));
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

function lockPath(pidfile: string): string {
  return `${stateDirectory()}/${stateName(pidfile)}.lock`;
}
