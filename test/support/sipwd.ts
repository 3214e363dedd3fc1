import { execa, type Options } from 'execa';
import type { Event } from '../../src/log/messages.ts';
import { afterEachTest } from './ends.ts';
import { eventOf } from './messages.ts';
import { PROGRAM } from './program.ts';
import { until } from './wait.ts';

export { isStandalone, NOT_STANDALONE, PROGRAM } from './program.ts';

export interface Run {
  /** undefined when it was killed by a signal */
  readonly status: number | undefined;
  readonly signal: string | undefined;
  readonly stdout: string;
  readonly stderr: string;
  /** what it logged, line by line, without the time; that a stale pidfile was removed is in linesOf only */
  readonly said: readonly string[];
  /** the same by event; throws for a line that is no message */
  readonly events: readonly Event[];
  /** the lines of one event */
  readonly linesOf: (event: Event) => string[];
  readonly ms: number;
}

/** A program, or one with arguments that runs it, as setpriv(1) does. */
export type Program = string | readonly string[];

/** The result of a run that has nothing to do and nothing to log. */
export const QUIET = { status: 0, stdout: '', stderr: '' };

const children = new Set<{ readonly kill: (signal: NodeJS.Signals) => boolean }>();

/** A test that timed out has not waited for its runs. */
afterEachTest(() => {
  for (const child of children) child.kill('SIGKILL');
  children.clear();
});

/** Starts the program without waiting for it: `run` is its result, `says` waits for a text on stderr. */
export function startSipwd(args: readonly string[], options: Options = {}, program: Program = PROGRAM) {
  const start = performance.now();
  const [file = PROGRAM, ...rest] = [program, args].flat();
  const child = execa(file, rest, { reject: false, stripFinalNewline: false, stdin: 'ignore', ...options });
  children.add(child);
  const run = child.then((result): Run => {
    children.delete(child);
    const [stdout, stderr] = [String(result.stdout ?? ''), String(result.stderr ?? '')];
    const lines = stderr
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => line.replace(/^.*?\/GLOBAL\/sipwd: /, ''));
    // Whether a killed process is reaped at once or is a zombie for a while is up to its parent.
    const said = lines.filter((line) => !line.includes(': removed stale pidfile '));
    const ms = performance.now() - start;
    const { exitCode: status, signal } = result;
    return {
      status,
      signal,
      stdout,
      stderr,
      said,
      ms,
      get events() {
        return said.map(eventOf);
      },
      linesOf: (event) => lines.filter((line) => eventOf(line) === event),
    };
  });
  let heard = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    heard += chunk;
  });
  const says = (text: string) => until(`sipwd says "${text}"`, () => heard.includes(text));
  return { child, run, says };
}

/** Runs the program as cron does. */
export function sipwd(args: readonly string[], options: Options = {}, program: Program = PROGRAM): Promise<Run> {
  return startSipwd(args, options, program).run;
}

/** Checks a service with another binfile; a service that is down is not started: exit 1. */
export function check(
  { args }: { readonly args: readonly string[] },
  binfile: string,
  options: Options = {},
  program: Program = PROGRAM,
): Promise<Run> {
  return sipwd(['--exit-if-down', ...args.with(1, binfile)], options, program);
}

/**
 * Runs a script in its own mount namespace, then the program in place of the shell. A script that contains `"$@"`, the
 * program and its arguments, runs the program itself.
 */
export function sipwdIn(script: string, args: readonly string[], options: Options = {}): Promise<Run> {
  const whole = script.includes('"$@"') ? script : `${script} && exec "$@"`;
  return sipwd(['--mount', '/bin/sh', '-c', whole, 'sh', PROGRAM, ...args], options, 'unshare');
}
