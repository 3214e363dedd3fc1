import { readFileSync } from 'node:fs';
import { SOON } from '../../support/crew.ts';
import { PROGRAM, sipwd } from '../../support/sipwd.ts';
import type { Stage } from './stage.ts';

/** Far more than any run takes: a run that hangs is a test that fails. */
const DEADLINE_MS = 20_000;

/** The arguments of a run on a stage. Its start command notes it when the old process still runs. */
export function argsOn({ service, left }: Stage): string[] {
  const [runfile, binfile, pidfile, command, force] = service.args;
  const witness = `[ /proc/${left}/exe -ef ${binfile} ] && touch ${service.path('over')}`;
  return [...SOON, '--start-timeout', '2', runfile, binfile, pidfile, `${witness}; ${command}`, force];
}

/**
 * Runs sipwd in the place of strace, which traces it from another process (-D): status, signal and PID are those of sipwd.
 *
 * @param options of strace, as words of a shell
 * @returns said: what all runs on this stage have logged so far
 */
export async function traced(stage: Stage, options: string, env: Readonly<Record<string, string>> = {}) {
  const said = stage.service.path('said');
  // Into a file: strace holds what it inherits for as long as the service runs.
  const script = `exec strace -D --quiet=all -o ${stage.service.path('trace')} ${options} "$0" "$@" >>${said} 2>&1`;
  const run = await sipwd(
    ['-c', script, PROGRAM, ...argsOn(stage)],
    { env: { XDG_RUNTIME_DIR: stage.service.dir, ...env }, timeout: DEADLINE_MS, killSignal: 'SIGKILL' },
    '/bin/sh',
  );
  return { status: run.status, signal: run.signal, said: readFileSync(said, 'utf8') };
}
