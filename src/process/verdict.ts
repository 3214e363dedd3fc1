/** Identifies a process: a PID alone may have been recycled. */
export interface ProcessId {
  readonly pid: number;
  /** clock ticks from boot, field 22 of /proc/PID/stat */
  readonly startTime: number;
}

/** Those of the processes that are not among the others. */
export function notAmong(processes: readonly ProcessId[], others: readonly ProcessId[]): ProcessId[] {
  return processes.filter(
    ({ pid, startTime }) => !others.some((each) => each.pid === pid && each.startTime === startTime),
  );
}

/** A process, and the program that it ran when it was checked. */
export interface Witness extends ProcessId {
  /** path of its binary, without ` (deleted)`; undefined when it could not be read */
  readonly exe: string | undefined;
  /** device and inode of its binary; undefined when not needed yet */
  readonly file?: string | undefined;
}

export interface Running extends Witness {
  readonly kind: 'running';
  readonly threads: number;
  readonly evidence: string;
}

export interface Gone {
  readonly kind: 'gone';
  readonly pid: number;
  readonly cause: 'no process' | 'zombie' | 'recycled' | 'other program';
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

/** Only argv[0] can still show that the process matches. */
export interface Undecided {
  readonly kind: 'undecided';
  readonly match: (evidence: string) => Running;
  /** path of the process below /proc */
  readonly task: string;
  /** path of its binary; undefined when it could not be read */
  readonly exe: string | undefined;
  readonly unknown: (why: string) => Unknown;
  /** the verdict if argv[0] does not match */
  readonly otherwise: (problem: string | undefined) => Gone | Unknown;
}

/** Whether the process has exited, or no longer matches, or its PID was recycled. */
export function hasExitedSince(process: ProcessId, verdict: Verdict): boolean {
  if (verdict.kind === 'gone') return true;
  return verdict.startTime !== undefined && verdict.startTime !== process.startTime;
}
