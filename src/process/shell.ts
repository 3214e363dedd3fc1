import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { reasonOf } from '../files/errno.ts';
import { ended } from '../log/reasons.ts';
import type { Inheritance, Variable } from './inherited.ts';

const SHELL = '/bin/sh';

export interface ShellRun {
  /** undefined when it could not be run */
  readonly pid: number | undefined;
  /** why it did not exit with status 0, in words; undefined when it did */
  readonly problem: Promise<string | undefined>;
  /** lets this process exit before the shell does */
  readonly forget: () => void;
}

/**
 * Runs a command with `/bin/sh -c`; the run is over when that shell exits, whoever holds its output. The command
 * inherits the standard descriptors, the environment and the working directory; what the runtime changed is restored.
 * execa cannot serve here: it makes the standard descriptors non-blocking, also for the command and for the caller, and
 * it changes to the working directory, which fails where this user may not search it.
 *
 * @param additions variables for its environment
 */
export function runInShell(command: string, inherited: Inheritance, additions: NodeJS.ProcessEnv): ShellRun {
  return startShell(command, inherited, { stdio: 'inherit', env: { ...process.env, ...additions } });
}

/** The same, with an environment and standard descriptors of the caller's choice. */
export function startShell(command: string, inherited: Inheritance, options: SpawnOptions): ShellRun {
  let child: ChildProcess;
  try {
    child = spawn(SHELL, shellArguments(command, inherited), options);
  } catch (error) {
    // Node throws some errors, ENOMEM for example, and reports others as an event.
    return { pid: undefined, problem: Promise.resolve(ended.notRun(reasonOf(error))), forget: () => undefined };
  }
  const problem = new Promise<string | undefined>((resolve) => {
    child.on('error', (error) => resolve(ended.notRun(reasonOf(error))));
    child.on('exit', (status, signal) => {
      if (signal !== null) resolve(ended.signal(signal));
      else resolve(status === 0 ? undefined : ended.status(status ?? -1));
    });
  });
  return { pid: child.pid, problem, forget: () => child.unref() };
}

/**
 * The arguments for the shell. If something must be restored, a first shell does so and then executes the one that runs
 * the command.
 */
export function shellArguments(command: string, { openFiles, ignored, blocked, undecoded }: Inheritance): string[] {
  const steps = undecoded.map(exportBytes);
  if (openFiles !== undefined) steps.push(`ulimit -S -n ${openFiles}`);
  if (ignored.length > 0) steps.push(`trap '' ${ignored.join(' ')}`);
  if (blocked.length > 0) {
    // Shells cannot block signals; env(1) of GNU coreutils 8.31 or later can.
    const block = `env --block-signal=${blocked.join(',')}`;
    steps.push(`if ${block} true 2>/dev/null; then exec ${block} ${SHELL} -c "$1"; fi`);
  }
  if (steps.length === 0) return ['-c', command];
  return ['-c', [...steps, `exec ${SHELL} -c "$1"`].join('\n'), SHELL, command];
}

/** A command substitution removes trailing line feeds: hence the x. */
function exportBytes({ name, bytes }: Variable): string {
  const octal = Array.from(bytes, (byte) => `\\${byte.charCodeAt(0).toString(8).padStart(3, '0')}`).join('');
  return `${name}=$(printf '${octal}x'); export ${name}="\${${name}%x}"`;
}
