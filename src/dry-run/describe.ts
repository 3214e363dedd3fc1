import type { Procfs } from '../process/procfs.ts';
import type { Reading } from '../process/reader.ts';
import type { Verdict } from '../process/verdict.ts';
import type { Evidence } from '../service/evidence.ts';
import { TICKS_PER_SECOND } from '../service/members.ts';

/** What is known of one PID; null: could not be read. */
export interface ReportedProcess {
  readonly pid: number;
  /** why it belongs to the service; null: it does not */
  readonly belongs: Evidence | null;
  readonly role: 'main' | 'worker';
  readonly state: Verdict['kind'];
  /** why it has that state */
  readonly evidence: string;
  readonly exe: string | null;
  readonly argv0: string | null;
  readonly uid: number | null;
  /** clock ticks from boot */
  readonly startTime: number | null;
  /** ISO 8601, UTC */
  readonly started: string | null;
  /** seconds */
  readonly uptime: number | null;
}

export async function describe(
  verdict: Verdict,
  belongs: Pick<ReportedProcess, 'belongs' | 'role'>,
  proc: Procfs,
): Promise<ReportedProcess> {
  const { pid, kind: state } = verdict;
  const uptime = ageOf(pid, proc);
  const stat = readOf(proc.stat(pid));
  return {
    pid,
    ...belongs,
    state,
    evidence: verdict.kind === 'running' ? verdict.evidence : verdict.why,
    exe: readOf(proc.exe(String(pid))),
    argv0: (stat && readOf(await proc.argv0(String(pid)))) || null,
    uid: readOf(proc.realUid(pid)),
    startTime: stat?.startTime ?? null,
    started: uptime === null ? null : new Date(Date.now() - uptime * 1000).toISOString(),
    uptime,
  };
}

/** Seconds since a process started; null when that cannot be read. */
export function ageOf(pid: number, proc: Procfs): number | null {
  const stat = readOf(proc.stat(pid));
  const now = proc.uptime();
  if (stat === null || now === undefined) return null;
  return Math.max(0, Math.round(now * TICKS_PER_SECOND - stat.startTime) / TICKS_PER_SECOND);
}

function readOf<T>(reading: Reading<T>): T | null {
  return reading.kind === 'read' ? reading.value : null;
}
