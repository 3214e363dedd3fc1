import { chmodSync, symlinkSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { EXIT, type ExitStatus } from '../../../src/exit.ts';
import { canMount } from '../../support/caller.ts';
import { NO_PID, start } from '../../support/process.ts';
import { type TestService, testService } from '../../support/service.ts';
import { isStandalone, NOT_STANDALONE, type Run, sipwd, sipwdIn, startSipwd } from '../../support/sipwd.ts';
import { isRoot } from '../../support/user.ts';
import { until } from '../../support/wait.ts';

/** What --help says of each exit status. */
const MEANINGS: Readonly<Record<ExitStatus, string>> = {
  0: 'nothing to do, or the service was (re)started and runs',
  1: 'usage error, /proc not mounted, or with -e or -n: a start is needed',
  2: 'the pidfile is not usable',
  3: 'the start command failed, or the service did not come up',
  4: 'the rest of the service could not be stopped, or the force-restart file could not be removed',
  5: 'cannot tell whether the service runs or is enabled',
  6: 'paused after repeated failures (--backoff)',
  75: 'another sipwd is working on this service',
};

interface Row {
  readonly status: ExitStatus;
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
  { status: 1, when: 'a start is needed, with -n', run: ({ args }) => sipwd(['-n', ...args]) },
  {
    status: 1,
    when: `/proc is not mounted (needs mounts) ${NOT_STANDALONE}`,
    can: canMount && !isStandalone,
    run: ({ args }) => sipwdIn('mount -t tmpfs none /proc', args),
  },
  {
    status: 2,
    when: 'the pidfile contains a word',
    run: (service) => {
      service.write('svc.pid', 'none\n');
      return sipwd(service.args);
    },
  },
  { status: 3, when: 'the start command fails', run: ({ args }) => sipwd(args.with(3, 'false')) },
  {
    status: 3,
    when: 'the service does not come up',
    run: ({ args }) => sipwd(['--start-timeout', '0.2', ...args.with(3, 'true')]),
  },
  {
    status: 4,
    when: 'the rest of the service may not be signalled, because the pidfile is world-writable (needs root)',
    can: isRoot,
    run: (service) => {
      service.writePids(start(service.binfile, ['1000']).pid, NO_PID);
      chmodSync(service.pidfile, 0o666);
      return sipwd(service.args);
    },
  },
  {
    status: 5,
    when: 'the runfile is a symbolic link to itself',
    run: (service) => {
      const loop = service.path('loop');
      symlinkSync(loop, loop);
      return sipwd(service.args.with(0, loop));
    },
  },
  {
    status: 6,
    when: 'the start has failed twice, with --backoff',
    run: async (service) => {
      const args = ['--backoff', '60', ...service.args.with(3, 'false')];
      for (let count = 0; count < 2; count++) await sipwd(args);
      return sipwd(args);
    },
  },
  {
    status: 75,
    when: 'another sipwd is working on the service',
    run: async (service) => {
      const hanging = service.args.with(3, `exec ${service.binfile} 1000`);
      const other = startSipwd(hanging, { stdout: 'ignore', stderr: 'ignore' });
      await until('its command runs', () => service.processes[0]);
      const run = await sipwd(service.args);
      other.child.kill('SIGKILL');
      await other.run;
      return run;
    },
  },
];

describe('the exit status', () => {
  for (const { status, when, can = true, run } of TABLE) {
    test.skipIf(!can)(`when ${when}, it is ${status}`, async () => {
      expect((await run(testService())).status).toBe(status);
    });
  }

  test('when it is one of those that occur, --help describes it', async () => {
    const { stdout } = await sipwd(['--help']);
    const [, list = ''] = /^Exit status:\n((?: {2}.*\n)+)/m.exec(stdout) ?? [];
    const entries = list.replaceAll(/\n {6}/g, ' ').matchAll(/^ {2}(\d+) +(.+)$/gm);
    expect(Object.fromEntries(Array.from(entries, ([, status, meaning]) => [status, meaning]))).toEqual(MEANINGS);
    expect(new Set(TABLE.map(({ status }) => status))).toEqual(new Set(Object.values(EXIT)));
  });
});
