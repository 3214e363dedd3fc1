import { chmodSync, symlinkSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { canMount } from '../support/caller.ts';
import { start } from '../support/process.ts';
import { type TestService, testService } from '../support/service.ts';
import { isStandalone, NOT_STANDALONE, type Run, sipwd, sipwdIn } from '../support/sipwd.ts';

const NO_PID = 4_194_303;
const isRoot = process.geteuid?.() === 0;

/** What --help says of each exit status; more may follow where a line ends in a comma here. */
const MEANINGS: Readonly<Record<number, RegExp>> = {
  0: /^nothing to do, or the service was \(re\)started and runs$/,
  1: /^usage error, \/proc not mounted, or with -e.*: a start is needed$/,
  2: /^the pidfile is not usable$/,
  3: /^the start command failed, or the service did not come up$/,
  4: /^the rest of the service could not be stopped, so nothing was started$/,
  5: /^it cannot be told whether the service runs, or is meant to$/,
};

interface Row {
  readonly status: number;
  readonly when: string;
  readonly can?: boolean;
  readonly run: (service: TestService) => Promise<Run>;
}

const TABLE: readonly Row[] = [
  {
    status: 0,
    when: 'the service runs',
    run: (service) => {
      service.writePids(start(service.binfile, ['1000']).pid);
      return sipwd(service.args);
    },
  },
  { status: 0, when: 'the service was started, and runs', run: ({ args }) => sipwd(args) },
  { status: 1, when: 'an argument is missing', run: ({ runfile }) => sipwd([runfile]) },
  { status: 1, when: 'a start is needed, with -e', run: ({ args }) => sipwd(['-e', ...args]) },
  {
    status: 1,
    when: `/proc is not mounted (needs mounts of our own) ${NOT_STANDALONE}`,
    can: canMount && !isStandalone,
    run: ({ args }) => sipwdIn('mount -t tmpfs none /proc', args),
  },
  {
    status: 2,
    when: 'the pidfile holds a word',
    run: (service) => {
      service.write('svc.pid', 'none\n');
      return sipwd(service.args);
    },
  },
  { status: 3, when: 'the command fails', run: ({ args }) => sipwd(args.with(3, 'false')) },
  {
    status: 3,
    when: 'the service does not come up',
    run: ({ args }) => sipwd(['--start-timeout', '0.2', ...args.with(3, 'true')]),
  },
  {
    status: 4,
    when: 'what is left of the service may not be signalled: anybody can have written its pidfile (needs root)',
    can: isRoot,
    run: (service) => {
      service.writePids(start(service.binfile, ['1000']).pid, NO_PID);
      chmodSync(service.pidfile, 0o666);
      return sipwd(service.args);
    },
  },
  {
    status: 5,
    when: 'the runfile is a symlink to itself',
    run: (service) => {
      const loop = service.path('loop');
      symlinkSync(loop, loop);
      return sipwd(service.args.with(0, loop));
    },
  },
];

describe('the exit status', () => {
  for (const { status, when, can = true, run } of TABLE) {
    test.skipIf(!can)(`is ${status} when ${when}`, async () => {
      expect((await run(testService())).status).toBe(status);
    });
  }

  test('is described in the help for each status that occurs', async () => {
    const { stdout } = await sipwd(['--help']);
    const [, list = ''] = /^Exit status:\n((?: {2}\d.*\n)+)/m.exec(stdout) ?? [];
    const meanings = new Map(
      Array.from(list.matchAll(/^ {2}(\d+) +(.+)$/gm), ([, status, text]) => [Number(status), text]),
    );
    expect([...meanings.keys()].filter((status) => status <= 5)).toEqual([0, 1, 2, 3, 4, 5]);
    for (const [status, meaning] of Object.entries(MEANINGS)) expect(meanings.get(Number(status))).toMatch(meaning);
    expect(new Set(TABLE.map(({ status }) => status))).toEqual(new Set([0, 1, 2, 3, 4, 5]));
  });
});
