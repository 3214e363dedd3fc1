import { basename } from 'node:path';
import { errnoOf, reasonOf } from '../failure.ts';
import { type Binary, isNameOf } from '../files/binary.ts';
import type { Procfs } from './procfs.ts';
import type { Reading } from './reader.ts';
import { hasExited, isExiting, isKernelThread, isThreadId, type ProcessStat } from './stat.ts';

/** A process: a PID alone may be somebody else's by now. */
export interface ProcessId {
  readonly pid: number;
  /** clock ticks from boot, field 22 of /proc/PID/stat */
  readonly startTime: number;
}

/** One of the processes of a service; the number of its threads is not always known. */
export interface Member extends ProcessId {
  readonly threads?: number;
}

export interface Running extends Member {
  readonly kind: 'running';
  readonly threads: number;
  readonly evidence: string;
}

export interface Gone {
  readonly kind: 'gone';
  readonly pid: number;
  readonly why: string;
}

export interface Unknown {
  readonly kind: 'unknown';
  readonly pid: number;
  /** undefined when not even that could be read */
  readonly startTime: number | undefined;
  readonly why: string;
  /** it is on its way out, so that a moment later it can be told */
  readonly passing: boolean;
}

export type Verdict = Running | Gone | Unknown;

/** The kernel puts this behind the path of an unlinked file (d_path). */
const DELETED = ' (deleted)';

/** TASK_COMM_LEN is 16, with the NUL at the end (prctl(2), PR_SET_NAME). */
const COMM_BYTES = 15;

/**
 * The verdict on one PID: is it a live process whose binary matches?
 *
 * The link to the binary is read before the start time: when the PID is recycled in between, the start time shows it.
 */
export function judge(pid: number, binary: Binary, proc: Procfs): Verdict {
  const gone = (why: string): Gone => ({ kind: 'gone', pid, why });
  if (pid === process.pid) return gone('is sipwd itself');

  let task = String(pid);
  let exe = proc.exe(task);
  const stat = proc.stat(pid);
  if (stat.kind === 'absent') {
    if (!existsUnseen(pid)) return gone('is no process');
    return {
      kind: 'unknown',
      pid,
      startTime: undefined,
      why: 'exists, but is hidden from /proc (hidepid)',
      passing: false,
    };
  }
  if (stat.kind === 'refused') {
    const why = `/proc/${pid}/stat cannot be read: ${stat.errno}`;
    return { kind: 'unknown', pid, startTime: undefined, why, passing: false };
  }
  const { startTime, comm, threads } = stat.value;
  const unknown = (why: string, passing = false): Unknown => ({ kind: 'unknown', pid, startTime, why, passing });
  const running = (evidence: string): Running => ({ kind: 'running', pid, startTime, threads, evidence });

  const notAProcess = whyNoProcess(stat.value);
  if (notAProcess !== undefined) return gone(notAProcess);
  if (exe.kind === 'absent') {
    // The first thread has ended, others run on; or all of it is about to go.
    task = proc.liveThread(pid) ?? task;
    exe = proc.exe(task);
  }
  if (exe.kind === 'absent') {
    return unknown(isExiting(stat.value) ? 'is exiting' : 'has no binary', true);
  }
  if (exe.kind === 'refused') {
    if (isSameComm(comm, binary.name)) return running(`comm ${comm}`);
    const argv0 = proc.argv0(task);
    if (isNamed(argv0, binary)) return running(`argv[0] ${argv0.value}`);
    return unknown(`runs as ${comm}, and /proc/${pid}/exe cannot be read: ${exe.errno}`);
  }

  const path = withoutDeleted(exe.value, task, proc);
  if (binary.isNamed(path)) return running(`exe ${exe.value}`);
  let doubt: string | undefined;
  try {
    if (binary.isResolvedTo(path, () => fileOf(task, proc)))
      return running(`exe ${exe.value}, to which ${binary.binfile} resolves`);
  } catch (error) {
    doubt = `${binary.binfile} cannot be looked at: ${reasonOf(error)}`;
  }
  const argv0 = proc.argv0(task);
  if (isNamed(argv0, binary)) return running(`argv[0] ${argv0.value}`);
  if (argv0.kind === 'refused') doubt ??= `/proc/${task}/cmdline cannot be read: ${argv0.errno}`;
  // What could not be looked at may have been the proof.
  if (doubt !== undefined) return unknown(`runs ${exe.value}, and ${doubt}`);
  return gone(`runs ${exe.value}, not ${binary.binfile}`);
}

/** Whether the process has ended or its PID is somebody else's: whether nothing is left to wait for or to signal. */
export function hasEnded(process: ProcessId, verdict: Verdict): boolean {
  if (verdict.kind === 'gone') return true;
  return verdict.startTime !== undefined && verdict.startTime !== process.startTime;
}

function whyNoProcess(stat: ProcessStat): string | undefined {
  if (hasExited(stat)) return 'has exited (a zombie that nobody reaped)';
  if (isKernelThread(stat)) return 'is a kernel thread';
  if (isThreadId(stat)) return 'is the id of a thread, not of a process';
  return undefined;
}

/** With hidepid, /proc shows no process of another user; kill(2) still says EPERM for one that exists. */
function existsUnseen(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errnoOf(error) === 'EPERM';
  }
}

function isSameComm(comm: string, name: string): boolean {
  return comm === Buffer.from(name).subarray(0, COMM_BYTES).toString('latin1');
}

function isNamed(argv0: Reading<string>, binary: Binary): argv0 is Extract<Reading<string>, { kind: 'read' }> {
  return argv0.kind === 'read' && basename(argv0.value) === binary.name;
}

function fileOf(task: string, proc: Procfs) {
  const file = proc.exeFile(task);
  return file.kind === 'read' ? file.value : undefined;
}

/** Takes the kernel's ` (deleted)` off, unless a file of just that name is what runs. */
function withoutDeleted(path: string, task: string, proc: Procfs): string {
  if (!path.endsWith(DELETED)) return path;
  const runs = fileOf(task, proc);
  return runs !== undefined && isNameOf(path, runs) ? path : path.slice(0, -DELETED.length);
}
