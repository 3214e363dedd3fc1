/** Fields of /proc/PID/stat, with their numbers in proc_pid_stat(5). */
export interface ProcessStat {
  /** (2) the name of the program, at most 15 bytes, read as Latin-1 */
  readonly comm: string;
  /** (3) one letter: R, S, D, T, Z … */
  readonly state: string;
  /** (4) 0 for the first process, and for one whose parent is in another PID namespace */
  readonly parent: number;
  /** (6) the PID of the session leader */
  readonly session: number;
  /** (9) the kernel's PF_ flags */
  readonly flags: number;
  /** (20) without those that were reaped */
  readonly threads: number;
  /** (22) clock ticks since boot */
  readonly startTime: number;
  /** (38) the signal sent to the parent at exit; -1 for every thread but the first (the kernel's thread_group_leader()) */
  readonly exitSignal: number;
}

const PF_EXITING = 0x4;
const PF_KTHREAD = 0x200000;

/**
 * Parses the content of /proc/PID/stat. The name may contain blanks, line feeds and `)`, so the fields are counted
 * from the last `)`.
 *
 * @returns undefined when it is anything else
 */
export function parseStat(text: string): ProcessStat | undefined {
  const open = text.indexOf('(');
  const close = text.lastIndexOf(')');
  if (open === -1 || close < open) return undefined;
  const fields = text.slice(close + 1).split(' ');
  const [before, state] = fields;
  const parent = toInteger(fields[4 - 2]);
  const session = toInteger(fields[6 - 2]);
  const flags = toInteger(fields[9 - 2]);
  const threads = toInteger(fields[20 - 2]);
  const startTime = toInteger(fields[22 - 2]);
  const exitSignal = toInteger(fields[38 - 2]);
  if (before !== '' || state?.length !== 1) return undefined;
  if ([parent, session, flags, threads, startTime, exitSignal].some(Number.isNaN)) return undefined;
  return { comm: text.slice(open + 1, close), state, parent, session, flags, threads, startTime, exitSignal };
}

/** @returns NaN for anything but an integer in decimal, as the kernel writes it, that a number holds exactly */
function toInteger(text: string | undefined): number {
  const value = Number(text);
  return Number.isSafeInteger(value) && String(value) === text ? value : Number.NaN;
}

/** A zombie or a dead process (X, x). A first thread that has exited before the others shows Z as well. */
export function hasExited(stat: ProcessStat): boolean {
  return stat.state === 'X' || stat.state === 'x' || (stat.state === 'Z' && stat.threads <= 1);
}

/** Its binary can no longer be read, and it may still hold its sockets. */
export function isExiting(stat: ProcessStat): boolean {
  return (stat.flags & PF_EXITING) !== 0;
}

export function isKernelThread(stat: ProcessStat): boolean {
  return (stat.flags & PF_KTHREAD) !== 0;
}

/** PIDs and thread IDs share one number space, and /proc/TID exists although no listing shows it (proc(5)). */
export function isThreadId(stat: ProcessStat): boolean {
  return stat.exitSignal === -1;
}
