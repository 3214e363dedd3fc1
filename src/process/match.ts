import { basename } from 'node:path';
import type { Binary } from '../files/binary.ts';
import { reasonOf } from '../files/errno.ts';
import { because, evidence } from '../log/reasons.ts';
import { kill } from './kill.ts';
import type { Procfs } from './procfs.ts';
import { type FileAt, fileOf, programOf, withoutDeleted } from './program.ts';
import type { Reading } from './reader.ts';
import { hasExited, isExiting, isKernelThread, isThreadId, type ProcessStat } from './stat.ts';
import type { Gone, Running, Undecided, Unknown, Verdict, Witness } from './verdict.ts';

/** TASK_COMM_LEN is 16, with the NUL at the end (prctl(2), PR_SET_NAME). */
const COMM_BYTES = 15;

/** Whether the file of a binary may be examined, by its path: it may be on a file system that no longer answers. */
type MayExamine = (path: string) => boolean;

const ALWAYS: MayExamine = () => true;

/**
 * The verdict on one PID: whether it is a live process whose binary matches. argv[0], which may block, is not read.
 *
 * /proc/PID/exe is read before the start time, so that the start time shows a PID that is recycled in between.
 *
 * @param witness the process that was checked earlier; if it is the same, and runs the same program, it still matches
 * @param mayExamine where not, only the path of the binary counts
 */
export function verdictOn(
  pid: number,
  binary: Binary,
  proc: Procfs,
  witness?: Witness,
  mayExamine = ALWAYS,
): Verdict | Undecided {
  if (pid === process.pid) return gone(pid, 'other program', because.itself());

  const exe = proc.exe(String(pid));
  const stat = proc.stat(pid);
  const unseen = (why: string): Unknown => ({ kind: 'unknown', pid, startTime: undefined, why, isExiting: false });
  if (stat.kind === 'absent') {
    return isHidden(pid) ? unseen(because.hidden()) : gone(pid, 'no process', because.absent());
  }
  if (stat.kind === 'refused') return unseen(because.statNotReadable(pid, stat.errno));
  const notAProcess = whyNotAProcess(pid, stat.value);
  if (notAProcess !== undefined) return notAProcess;

  const same = witness?.startTime === stat.value.startTime ? witness : undefined;
  const known = { pid, stat: stat.value, same, mayExamine };
  if (exe.kind !== 'absent') return match({ ...known, task: String(pid), exe }, binary, proc);
  // The first thread can exit before the others.
  const task = proc.liveThread(pid) ?? String(pid);
  return match({ ...known, task, exe: proc.exe(task) }, binary, proc);
}

/** The same, where the process is known, or where nothing may block: argv[0] does not count. */
export function quickVerdictOn(
  pid: number,
  binary: Binary,
  proc: Procfs,
  witness?: Witness,
  mayExamine = ALWAYS,
): Verdict {
  const verdict = verdictOn(pid, binary, proc, witness, mayExamine);
  return verdict.kind === 'undecided' ? verdict.otherwise(undefined) : verdict;
}

/** The same; reads argv[0] if nothing else decides. */
export async function fullVerdictOn(pid: number, binary: Binary, proc: Procfs, witness?: Witness): Promise<Verdict> {
  const verdict = verdictOn(pid, binary, proc, witness);
  return verdict.kind === 'undecided' ? verdictByArgv0(verdict, binary, proc) : verdict;
}

/**
 * The same, for a process that only may belong to a service: it may run any program, from anywhere. If the file system of
 * its binary does not answer, it is unknown, unless its name or argv[0] matches.
 */
export async function carefulVerdictOn(pid: number, binary: Binary, proc: Procfs, witness?: Witness): Promise<Verdict> {
  const verdict = verdictOn(pid, binary, proc, witness, (path) => binary.isNamed(path));
  if (verdict.kind !== 'undecided') return verdict;
  const { task, exe } = verdict;
  if (exe === undefined || (await proc.isAnswering(task, exe))) return fullVerdictOn(pid, binary, proc, witness);
  return verdictByArgv0({ ...verdict, otherwise: () => verdict.unknown(because.notAnswering(exe)) }, binary, proc);
}

async function verdictByArgv0({ task, match, otherwise }: Undecided, binary: Binary, proc: Procfs): Promise<Verdict> {
  const argv0 = await proc.argv0(task);
  if (argv0.kind === 'read' && basename(argv0.value) === binary.name) return match(evidence.argv0(argv0.value));
  return otherwise(argv0.kind === 'refused' ? argv0.errno : undefined);
}

/** A process under examination; task: its path below /proc; same: what is known of it. */
interface Candidate {
  readonly pid: number;
  readonly task: string;
  readonly exe: Reading<string>;
  readonly stat: ProcessStat;
  readonly same: Witness | undefined;
  readonly mayExamine: MayExamine;
}

function match(
  { pid, task, exe, stat, same, mayExamine }: Candidate,
  binary: Binary,
  proc: Procfs,
): Verdict | Undecided {
  const { startTime, threads, comm } = stat;
  const unknown = (why: string, exiting = false): Unknown => ({
    kind: 'unknown',
    pid,
    startTime,
    why,
    isExiting: exiting,
  });
  const running = (path: string | undefined, proof: string): Running => {
    return { kind: 'running', pid, startTime, exe: path, threads, evidence: proof };
  };
  if (exe.kind === 'absent') return unknown(isExiting(stat) ? because.exiting() : because.noBinary(), true);
  if (exe.kind === 'refused') {
    if (isSameComm(comm, binary.name)) return running(undefined, evidence.comm(comm));
    if (same !== undefined) return running(same.exe, evidence.snapshot(undefined));
    const otherwise = () => unknown(because.exeNotReadable(comm, pid, exe.errno));
    return { kind: 'undecided', task, exe: undefined, match: (proof) => running(undefined, proof), unknown, otherwise };
  }

  const file = (at: string) => (mayExamine(at) ? fileOf(task, proc) : undefined);
  const path = withoutDeleted(exe.value, file);
  if (binary.isNamed(path)) return running(path, evidence.exe(exe.value));
  const resolved = isResolved(path, binary, file);
  if (resolved === true) return running(path, evidence.resolved(exe.value, binary.binfile));
  const isSame = same !== undefined && (same.exe === path || (mayExamine(path) && isSameFile(same, task, proc)));
  if (isSame) return running(path, evidence.snapshot(exe.value));
  const otherwise = (errno: string | undefined) => {
    // What could not be read may have been the match.
    if (typeof resolved === 'string') return unknown(because.binfileNotReadable(exe.value, binary.binfile, resolved));
    if (errno !== undefined) return unknown(because.cmdlineNotReadable(exe.value, task, errno));
    return gone(pid, 'other program', because.otherBinary(exe.value, binary.binfile));
  };
  return { kind: 'undecided', task, exe: path, match: (proof) => running(path, proof), unknown, otherwise };
}

/** @returns why it cannot be checked */
function isResolved(path: string, binary: Binary, file: FileAt): boolean | string {
  try {
    return binary.isResolvedTo(path, () => file(path));
  } catch (error) {
    return reasonOf(error);
  }
}

/** Whether a process still runs the file that it ran before: a path changes when the file is renamed. */
function isSameFile({ file }: Witness, task: string, proc: Procfs): boolean {
  return file !== undefined && file === programOf(task, proc);
}

function whyNotAProcess(pid: number, stat: ProcessStat): Gone | undefined {
  if (hasExited(stat)) return gone(pid, 'zombie', because.zombie());
  if (isKernelThread(stat)) return gone(pid, 'other program', because.kernelThread());
  if (isThreadId(stat)) return gone(pid, 'other program', because.threadId());
  return undefined;
}

function gone(pid: number, cause: Gone['cause'], why: string): Gone {
  return { kind: 'gone', pid, cause, why };
}

/** With hidepid, /proc does not show processes of other users; kill(2) fails with EPERM if one exists. */
function isHidden(pid: number): boolean {
  const errno = kill(pid, 0);
  return errno === undefined || errno === 'EPERM';
}

function isSameComm(comm: string, name: string): boolean {
  return comm === Buffer.from(name).subarray(0, COMM_BYTES).toString('latin1');
}
