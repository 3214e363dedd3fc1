import type { Procfs } from './procfs.ts';

/** What the runtime has changed since sipwd was started: it is restored for the command. */
export interface Inheritance {
  /** the soft limit on open files for the command; undefined when it was not changed */
  readonly openFiles: string | undefined;
  /** signals that the caller ignored, as nohup(1) does */
  readonly ignored: readonly number[];
  readonly blocked: readonly number[];
  /** variables that the runtime could not decode, one byte a character */
  readonly undecoded: readonly Variable[];
}

export interface Variable {
  readonly name: string;
  readonly bytes: string;
}

/** bin/sipwd puts here what it was started with: the soft limit on open files, then /proc/self/stat. */
const NOTE = 'SIPWD_CALLER';

/** Node, Bun and Python ignore both and start their children with the default action. */
const SIGPIPE = 13;
const SIGXFSZ = 25;

/** The note can be read once only, for all services of a table. */
const KNOWN = new WeakMap<NodeJS.ProcessEnv, Inheritance>();

/** What the runtime has changed since the process was started with this environment. */
export function inheritance(environment: NodeJS.ProcessEnv, proc: Procfs): Inheritance {
  const known = KNOWN.get(environment) ?? compare(environment, proc);
  KNOWN.set(environment, known);
  return known;
}

/**
 * Removes the note of bin/sipwd from the environment and compares. Without a note, the signals are those of this process
 * (SIGPIPE: of the parent), and the limit is the parent's.
 */
function compare(environment: NodeJS.ProcessEnv, proc: Procfs): Inheritance {
  const note = environment[NOTE];
  delete environment[NOTE];
  const [, openFiles, stat] = /^(\S+) (.*)$/s.exec(note ?? '') ?? [];
  const undecoded = undecodedVariables(environment, proc);
  const now = proc.openFiles(process.pid);
  const changed = (soft: string | undefined) => (soft === now?.soft ? undefined : soft);
  // exec(2) keeps the PID: a note with another PID was inherited.
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

/** The runtime puts U+FFFD in place of each byte that it could not decode. */
function undecodedVariables(environment: NodeJS.ProcessEnv, proc: Procfs): Variable[] {
  const names = Object.keys(environment).filter((name) => environment[name]?.includes('\uFFFD'));
  if (names.length === 0) return [];
  const block = proc.environment(process.pid);
  const entries = block.kind === 'read' ? block.value : [];
  // A shell exports no other names.
  return names
    .filter((name) => /^[A-Za-z_]\w*$/.test(name))
    .flatMap((name) => {
      const entry = entries.find((each) => each.startsWith(`${name}=`));
      return entry === undefined ? [] : [{ name, bytes: entry.slice(name.length + 1) }];
    });
}

/** The limit of this process may have been lowered, by prlimit(1) for example. */
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
