import type { Verdict } from '../process/identity.ts';
import type { Procfs } from '../process/procfs.ts';
import type { Reading } from '../process/reader.ts';

/** What is known of one PID. What could not be read is null. */
export interface InspectedProcess {
  readonly pid: number;
  readonly state: Verdict['kind'];
  /** by which rule it is running, or why it is not */
  readonly evidence: string;
  readonly exe: string | null;
  readonly argv0: string | null;
  readonly uid: number | null;
  /** clock ticks from boot */
  readonly startTime: number | null;
  /** the same by the clock on the wall, ISO 8601 in UTC */
  readonly started: string | null;
  /** seconds */
  readonly uptime: number | null;
}

/** A tick is a hundredth of a second for every program, whatever the kernel's own clock (time(7), USER_HZ). */
const TICKS_PER_SECOND = 100;

export function describe(verdict: Verdict, proc: Procfs): InspectedProcess {
  const { pid, kind: state } = verdict;
  const uptime = ageOf(pid, proc);
  const stat = readOf(proc.stat(pid));
  return {
    pid,
    state,
    evidence: verdict.kind === 'running' ? verdict.evidence : verdict.why,
    exe: readOf(proc.exe(String(pid))),
    argv0: readOf(proc.argv0(String(pid))),
    uid: readOf(proc.realUid(pid)),
    startTime: stat?.startTime ?? null,
    started: uptime === null ? null : new Date(Date.now() - uptime * 1000).toISOString(),
    uptime,
  };
}

/** How many seconds ago a process was started; null when that cannot be told. */
export function ageOf(pid: number, proc: Procfs): number | null {
  const stat = readOf(proc.stat(pid));
  const now = proc.uptime();
  if (stat === null || now === undefined) return null;
  return Math.max(0, Math.round(now * TICKS_PER_SECOND - stat.startTime) / TICKS_PER_SECOND);
}

function readOf<T>(reading: Reading<T>): T | null {
  return reading.kind === 'read' ? reading.value : null;
}
