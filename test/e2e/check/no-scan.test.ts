import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { canTrace } from '../../support/caller.ts';
import { Crew, WORKER } from '../../support/crew.ts';
import { exeOf, start } from '../../support/process.ts';
import { testService } from '../../support/service.ts';
import { PROGRAM, QUIET, type Run, sipwd } from '../../support/sipwd.ts';
import { until } from '../../support/wait.ts';

/** strace skips those that this machine does not have. */
const CALLS = [
  'open',
  'openat',
  'getdents64',
  'execve',
  'execveat',
  'clone',
  'clone3',
  'fork',
  'vfork',
  'stat',
  'statx',
  'newfstatat',
];

/**
 * The listings of /proc itself, the reads of memory, the programs and processes that are started, and the programs of
 * processes that are examined: their file system may no longer answer.
 */
const COSTLY = {
  scans: /^getdents64\(\d+<\/proc>/,
  reads: /^open(at)?\(.*"\/proc\/[^"]*\/(cmdline|environ)"/,
  // The program itself, and the runtime that it becomes.
  programs: /^execve(at)?\((?!"[^"]*\/(sipwd|node)")/,
  forks: /^(v?fork|clone3?)\((?!.*CLONE_THREAD)/,
  files: /^(stat|statx|newfstatat)\(.*"\/proc\/\d+\/exe"/,
};

/** Traces a run with all its children; returns the run, and what it did that takes time, by kind. */
async function traced(args: readonly string[], out: string): Promise<{ run: Run; kinds: string[]; calls: string[] }> {
  const trace = ['-f', '-y', '-s', '256', '-o', out, '-e', `trace=${CALLS.map((each) => `?${each}`).join()}`];
  const run = await sipwd([...trace, PROGRAM, ...args], {}, 'strace');
  const lines = readFileSync(out, 'latin1')
    .split('\n')
    .map((line) => line.replace(/^\d+ +/, ''));
  // The trace is complete: it shows the program, and what it reads.
  expect(lines.some((line) => line.startsWith('execve('))).toBe(true);
  expect(lines.some((line) => /^open(at)?\(.*\.snapshot"/.test(line))).toBe(true);
  const found = Object.entries(COSTLY).map(([kind, shape]) => ({
    kind,
    calls: lines.filter((each) => shape.test(each)),
  }));
  return {
    run,
    kinds: found.flatMap(({ kind, calls }) => (calls.length > 0 ? [kind] : [])),
    calls: found.flatMap(({ calls }) => calls),
  };
}

describe.skipIf(!canTrace)('the check of a service with a snapshot (needs strace)', () => {
  test('when sipwd started it and it is healthy, nothing is scanned, no memory is read, no program is run, and that of no other process is examined', async () => {
    const crew = new Crew([WORKER.plain, WORKER.grandchild]);
    expect(await sipwd(crew.args)).toMatchObject({ status: 0 });
    await crew.complete();
    await crew.check();
    const { run, calls } = await traced(crew.args, crew.service.path('trace'));
    expect(run).toMatchObject(QUIET);
    expect(calls).toEqual([]);
  });

  test('when its main process is gone, all of that is done', async () => {
    const crew = new Crew([WORKER.plain, WORKER.grandchild]);
    expect(await sipwd(crew.args)).toMatchObject({ status: 0 });
    await crew.complete();
    await crew.check();
    await crew.killMain();
    const { run, kinds } = await traced(
      ['--exit-if-down', '--term-timeout', '0', ...crew.args],
      crew.service.path('trace'),
    );
    expect(run).toMatchObject({ status: 1 });
    expect(kinds).toEqual(Object.keys(COSTLY));
  });

  test('when only argv[0] of its main process matches, it is not read again', async () => {
    const service = testService();
    const binfile = service.path('title');
    const { pid } = start(service.binfile, ['1000'], { argv0: 'title' });
    service.writePids(pid);
    await until('it runs', () => exeOf(pid) === service.binfile);
    const out = service.path('trace');
    const args = ['--exit-if-down', ...service.args.with(1, binfile)];
    const first = await traced(args, out);
    expect(first).toMatchObject({ run: QUIET, kinds: ['reads', 'programs', 'forks', 'files'] });
    const { run, calls } = await traced(args, out);
    expect(run).toMatchObject(QUIET);
    expect(calls).toEqual([]);
  });
});
