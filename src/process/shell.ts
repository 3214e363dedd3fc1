import { execa } from 'execa';
import { ended } from '../log/reasons.ts';
import type { Inheritance, Variable } from './inherited.ts';

const SHELL = '/bin/sh';

/**
 * Runs a command with `/bin/sh -c` and waits for that shell, not for the processes that hold its output. The command
 * inherits the standard descriptors, the environment and the working directory; what the runtime changed is restored.
 *
 * @returns why it did not exit with status 0, in words; undefined when it did
 */
export async function runInShell(command: string, inherited: Inheritance): Promise<string | undefined> {
  const result = await execa(SHELL, shellArguments(command, inherited), {
    stdio: 'inherit',
    reject: false,
    // The command outlives sipwd, however sipwd exits.
    cleanup: false,
    // Works even in a working directory that was removed.
    cwd: '/proc/self/cwd',
  });
  if (result.exitCode !== undefined) return result.exitCode === 0 ? undefined : ended.status(result.exitCode);
  if (result.signal !== undefined) return ended.signal(result.signal);
  return ended.notRun(result.originalMessage ?? result.code ?? 'for an unknown reason');
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
