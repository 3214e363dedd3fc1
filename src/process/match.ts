import { basename } from 'node:path';
import { type Binary, isNameOf } from '../files/binary.ts';
import { reasonOf } from '../files/errno.ts';
import { because, evidence } from '../log/reasons.ts';
import { kill } from './kill.ts';
import type { Procfs } from './procfs.ts';
import type { Reading } from './reader.ts';
import { hasExited, isExiting, isKernelThread, isThreadId, type ProcessStat } from './stat.ts';

/** Identifies a process: a PID alone may have been recycled. */
export interface ProcessId {
  readonly pid: number;
  /** clock ticks from boot, field 22 of /proc/PID/stat */
  readonly startTime: number;
}

export interface Running extends ProcessId {
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
  /** it is exiting, so that its verdict will be another one soon */
  readonly isExiting: boolean;
}

export type Verdict = Running | Gone | Unknown;

/** The kernel appends this to the path of an unlinked file (d_path). */
const DELETED = ' (deleted)';

/** TASK_COMM_LEN is 16, with the NUL at the end (prctl(2), PR_SET_NAME). */
const COMM_BYTES = 15;

/**
 * The verdict on one PID: whether it is a live process whose binary matches.
 *
 * /proc/PID/exe is read before the start time, so that the start time shows a PID that is recycled in between.
 */
export function verdictOn(pid: number, binary: Binary, proc: Procfs): Verdict {
  if (pid === process.pid) return { kind: 'gone', pid, why: because.itself() };

  const exe = proc.exe(String(pid));
  const stat = proc.stat(pid);
  const unseen = (why: string): Unknown => ({ kind: 'unknown', pid, startTime: undefined, why, isExiting: false });
  if (stat.kind === 'absent') {
    return isHidden(pid) ? unseen(because.hidden()) : { kind: 'gone', pid, why: because.absent() };
  }
  if (stat.kind === 'refused') return unseen(because.statNotReadable(pid, stat.errno));
  const notAProcess = whyNotAProcess(stat.value);
  if (notAProcess !== undefined) return { kind: 'gone', pid, why: notAProcess };

  if (exe.kind !== 'absent') return match({ pid, task: String(pid), exe, stat: stat.value }, binary, proc);
  // The first thread can exit before the others.
  const task = proc.liveThread(pid) ?? String(pid);
  return match({ pid, task, exe: proc.exe(task), stat: stat.value }, binary, proc);
}

/** A process under examination; task: its path below /proc. */
interface Candidate {
  readonly pid: number;
  readonly task: string;
  readonly exe: Reading<string>;
  readonly stat: ProcessStat;
}

function match({ pid, task, exe, stat }: Candidate, binary: Binary, proc: Procfs): Verdict {
  const { startTime, threads, comm } = stat;
  const unknown = (why: string, isExiting = false): Unknown => ({ kind: 'unknown', pid, startTime, why, isExiting });
  const running = (proof: string): Running => ({ kind: 'running', pid, startTime, threads, evidence: proof });

  if (exe.kind === 'absent') return unknown(isExiting(stat) ? because.exiting() : because.noBinary(), true);
  if (exe.kind === 'refused') {
    if (isSameComm(comm, binary.name)) return running(evidence.comm(comm));
    const argv0 = proc.argv0(task);
    if (isNamed(argv0, binary)) return running(evidence.argv0(argv0.value));
    return unknown(because.exeNotReadable(comm, pid, exe.errno));
  }

  const path = withoutDeleted(exe.value, task, proc);
  if (binary.isNamed(path)) return running(evidence.exe(exe.value));
  let doubt: string | undefined;
  try {
    if (binary.isResolvedTo(path, () => fileOf(task, proc))) {
      return running(evidence.resolved(exe.value, binary.binfile));
    }
  } catch (error) {
    doubt = because.binfileNotReadable(exe.value, binary.binfile, reasonOf(error));
  }
  const argv0 = proc.argv0(task);
  if (isNamed(argv0, binary)) return running(evidence.argv0(argv0.value));
  if (argv0.kind === 'refused') doubt ??= because.cmdlineNotReadable(exe.value, task, argv0.errno);
  // What could not be read may have been the match.
  if (doubt !== undefined) return unknown(doubt);
  return { kind: 'gone', pid, why: because.otherBinary(exe.value, binary.binfile) };
}

/** Whether the process has exited, or no longer matches, or its PID was recycled. */
export function hasExitedSince(process: ProcessId, verdict: Verdict): boolean {
  if (verdict.kind === 'gone') return true;
  return verdict.startTime !== undefined && verdict.startTime !== process.startTime;
}

function whyNotAProcess(stat: ProcessStat): string | undefined {
  if (hasExited(stat)) return because.zombie();
  if (isKernelThread(stat)) return because.kernelThread();
  if (isThreadId(stat)) return because.threadId();
  return undefined;
}

/** With hidepid, /proc does not show processes of other users; kill(2) fails with EPERM if one exists. */
function isHidden(pid: number): boolean {
  const errno = kill(pid, 0);
  return errno === undefined || errno === 'EPERM';
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

/** Removes the kernel's ` (deleted)`, unless the binary really has that name. */
function withoutDeleted(path: string, task: string, proc: Procfs): string {
  if (!path.endsWith(DELETED)) return path;
  const runs = fileOf(task, proc);
  return runs !== undefined && isNameOf(path, runs) ? path : path.slice(0, -DELETED.length);
}
