import { resolve } from 'node:path';
import { execa, type Options } from 'execa';
import { until } from './wait.ts';

/** The built program: bin/sipwd, or what SIPWD_PROGRAM names. */
export const PROGRAM = resolve(process.env.SIPWD_PROGRAM ?? 'bin/sipwd');

/** Whether it is the standalone program; some of what bin/sipwd can do before its runtime starts, that cannot. */
export const isStandalone = !PROGRAM.endsWith('bin/sipwd');

/** Behind the title of a test that is skipped for the standalone program. */
export const NOT_STANDALONE = '(not for the standalone program)';

export interface Run {
  /** undefined when a signal ended it */
  readonly status: number | undefined;
  readonly signal: string | undefined;
  readonly stdout: string;
  readonly stderr: string;
  /** what it said, line by line, without the time */
  readonly said: readonly string[];
  readonly ms: number;
}

/** What is called: a program, or one with arguments that becomes it, as setpriv(1) does. */
export type Program = string | readonly string[];

/** Starts the program without waiting for it; `.run` gives what came of it, `.says` waits until it has said something. */
export function startSipwd(args: readonly string[], options: Options = {}, program: Program = PROGRAM) {
  const start = performance.now();
  const [file = PROGRAM, ...rest] = [program, args].flat();
  const child = execa(file, rest, { reject: false, stripFinalNewline: false, stdin: 'ignore', ...options });
  const run = child.then((result): Run => {
    const [stdout, stderr] = [String(result.stdout ?? ''), String(result.stderr ?? '')];
    const said = stderr
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => line.replace(/^.*?\/GLOBAL\/sipwd: /, ''));
    return { status: result.exitCode, signal: result.signal, stdout, stderr, said, ms: performance.now() - start };
  });
  let heard = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    heard += chunk;
  });
  const says = (text: string) => until(`sipwd says "${text}"`, () => heard.includes(text));
  return { child, run, says };
}

/** Runs the program as cron does, and waits for its end. */
export function sipwd(args: readonly string[], options: Options = {}, program: Program = PROGRAM): Promise<Run> {
  return startSipwd(args, options, program).run;
}

/**
 * Runs the program in place of a shell that has set something up, in mounts of its own; the program and its arguments
 * are `"$@"`, and by default they follow the script.
 */
export function sipwdIn(script: string, args: readonly string[], options: Options = {}): Promise<Run> {
  const whole = script.includes('"$@"') ? script : `${script} && exec "$@"`;
  return sipwd(['--mount', '/bin/sh', '-c', whole, 'sh', PROGRAM, ...args], options, 'unshare');
}
