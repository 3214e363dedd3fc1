import { execa } from 'execa';
import type { Inheritance, Variable } from './caller.ts';

/** How the shell ended. */
export type ShellExit =
  | { readonly kind: 'exited'; readonly status: number }
  | { readonly kind: 'killed'; readonly signal: string }
  | { readonly kind: 'not started'; readonly why: string };

const SHELL = '/bin/sh';

/**
 * Runs a command with `/bin/sh -c` and waits for that shell, not for whoever holds its output. It has the standard
 * descriptors, the environment and the working directory of this process, and what was inherited is put back.
 */
export async function runInShell(command: string, inherited: Inheritance): Promise<ShellExit> {
  const result = await execa(SHELL, shellArguments(command, inherited), {
    stdio: 'inherit',
    reject: false,
    // The command outlives sipwd, however that ends.
    cleanup: false,
    // By this name even a working directory that was deleted can be entered.
    cwd: '/proc/self/cwd',
  });
  if (result.exitCode !== undefined) return { kind: 'exited', status: result.exitCode };
  if (result.signal !== undefined) return { kind: 'killed', signal: result.signal };
  return { kind: 'not started', why: result.originalMessage ?? result.code ?? 'for an unknown reason' };
}

/**
 * The arguments for the shell. Where something must be put back, a first shell does so and then becomes the one that
 * runs the command.
 */
export function shellArguments(command: string, { openFiles, ignored, blocked, undecoded }: Inheritance): string[] {
  const steps = undecoded.map(exportBytes);
  if (openFiles !== undefined) steps.push(`ulimit -S -n ${openFiles}`);
  if (ignored.length > 0) steps.push(`trap '' ${ignored.join(' ')}`);
  if (blocked.length > 0) {
    // No shell can block signals; env(1) of GNU coreutils 8.31 or later can.
    const block = `env --block-signal=${blocked.join(',')}`;
    steps.push(`if ${block} true 2>/dev/null; then exec ${block} ${SHELL} -c "$1"; fi`);
  }
  if (steps.length === 0) return ['-c', command];
  return ['-c', [...steps, `exec ${SHELL} -c "$1"`].join('\n'), SHELL, command];
}

/** A command substitution takes away the line feeds at the end: hence the x. */
function exportBytes({ name, bytes }: Variable): string {
  const octal = Array.from(bytes, (byte) => `\\${byte.charCodeAt(0).toString(8).padStart(3, '0')}`).join('');
  return `${name}=$(printf '${octal}x'); export ${name}="\${${name}%x}"`;
}
