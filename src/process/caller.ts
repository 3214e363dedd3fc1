import type { Procfs } from './procfs.ts';

/** What sipwd was started with and the runtime has changed since: it is put back for the command. */
export interface Inheritance {
  /** the soft limit on open files that the command is to have; undefined when it is as it was */
  readonly openFiles: string | undefined;
  /** numbers of the signals that the caller had set to be ignored, as nohup(1) does */
  readonly ignored: readonly number[];
  /** numbers of the signals that the caller had blocked */
  readonly blocked: readonly number[];
  /** variables as they were, one byte a character, where the runtime could not decode the value */
  readonly undecoded: readonly Variable[];
}

export interface Variable {
  /** a name that a shell takes */
  readonly name: string;
  readonly bytes: string;
}

/** In this variable bin/sipwd hands on what it was started with: the soft limit on open files, then /proc/self/stat. */
const NOTE = 'SIPWD_CALLER';

/** Node, Bun and Python set both of these to be ignored for themselves, and start their children without. */
const SIGPIPE = 13;
const SIGXFSZ = 25;

/**
 * Takes the note of bin/sipwd out of the environment, and finds out what differs by now. Without such a note, the
 * signals are as this process still has them (SIGPIPE: as the parent has it), and the limit is as the parent has it.
 */
export function inheritance(environment: NodeJS.ProcessEnv, proc: Procfs): Inheritance {
  const note = environment[NOTE];
  delete environment[NOTE];
  const [, openFiles, stat] = /^(\S+) (.*)$/s.exec(note ?? '') ?? [];
  const undecoded = undecodedVariables(environment, proc);
  const now = proc.openFiles(process.pid);
  const changed = (soft: string | undefined) => (soft === now?.soft ? undefined : soft);
  // Only a note about this very process counts: exec(2) keeps the PID.
  if (stat?.startsWith(`${process.pid} `)) return { openFiles: changed(openFiles), ...signals(stat), undecoded };

  const own = signalsOf(process.pid, proc);
  const parents = signalsOf(process.ppid, proc).ignored;
  const isPipeIgnored = parents.includes(SIGPIPE) && !parents.includes(SIGXFSZ);
  const ignored = own.ignored.filter((signal) => signal !== SIGXFSZ && (signal !== SIGPIPE || isPipeIgnored));
  return {
    openFiles: changed(withinHard(proc.openFiles(process.ppid)?.soft, now?.hard)),
    ignored,
    blocked: own.blocked,
    undecoded,
  };
}

/** Where a value is not UTF-8, the runtime has put U+FFFD for each byte that it could not decode. */
function undecodedVariables(environment: NodeJS.ProcessEnv, proc: Procfs): Variable[] {
  const names = Object.keys(environment).filter((name) => environment[name]?.includes('\uFFFD'));
  if (names.length === 0) return [];
  const block = proc.environment(process.pid);
  const entries = block.kind === 'read' ? block.value : [];
  // A shell passes on no other names; and these may stand in its source.
  return names
    .filter((name) => /^[A-Za-z_]\w*$/.test(name))
    .flatMap((name) => {
      const entry = entries.find((each) => each.startsWith(`${name}=`));
      return entry === undefined ? [] : [{ name, bytes: entry.slice(name.length + 1) }];
    });
}

/** The parent can have a limit that was lowered for this process: by prlimit(1), for one. */
function withinHard(soft: string | undefined, hard: string | undefined): string | undefined {
  return Number(soft) > Number(hard) ? hard : soft;
}

function signalsOf(pid: number, proc: Procfs): Pick<Inheritance, 'ignored' | 'blocked'> {
  const line = proc.statLine(pid);
  return signals(line.kind === 'read' ? line.value : '');
}

/** Fields 32 and 33 of a stat line, decimal bitmaps of the signals 1 to 31 (proc_pid_stat(5)). */
function signals(statLine: string): Pick<Inheritance, 'ignored' | 'blocked'> {
  const fields = statLine.slice(statLine.lastIndexOf(')') + 2).split(' ');
  return { blocked: members(fields[32 - 3]), ignored: members(fields[33 - 3]) };
}

function members(bitmap: string | undefined): number[] {
  const bits = Number(bitmap ?? 0);
  return Array.from({ length: 31 }, (_, index) => index + 1).filter((signal) => bits & (1 << (signal - 1)));
}
