import { describe, expect, test } from 'vitest';
import { busyboxPath, hasBusybox } from '../../support/busybox.ts';
import { waitFor } from '../../support/caller.ts';
import { kill } from '../../support/family.ts';
import { isAlive, NO_PID } from '../../support/process.ts';
import { type TestService, testService } from '../../support/service.ts';
import { QUIET, type Run, sipwd } from '../../support/sipwd.ts';
import { until } from '../../support/wait.ts';

const SOON = ['--start-timeout', '0.3'];

/** A command that returns at once; the daemon starts when the test makes the file `go`. */
function slowCommand({ dir, command, uncountedCommand }: TestService): string {
  const slow = `( ${waitFor(`${dir}/go`)}; ${uncountedCommand} ) </dev/null >/dev/null 2>&1 &`;
  return command.replace(uncountedCommand, slow);
}

/** Three runs with the same arguments. */
async function threeRuns(args: readonly string[], options: Parameters<typeof sipwd>[1] = {}): Promise<Run[]> {
  const runs: Run[] = [];
  for (let count = 0; count < 3; count++) runs.push(await sipwd([...SOON, ...args], options));
  return runs;
}

/** The first run starts the service, and those that follow start nothing. */
function expectNotConfirmed(runs: readonly Run[], pidfile: string, pids: readonly number[]): void {
  expect(runs.map(({ status }) => status)).toEqual([3, 3, 3]);
  expect(runs.map(({ events }) => events.at(-1))).toEqual(['notUp', 'notConfirmed', 'notConfirmed']);
  for (const run of runs.slice(1)) {
    expect(run.linesOf('sent')).toEqual([]);
    const [line = ''] = run.linesOf('notConfirmed');
    expect(line).toContain(`<pidfile> ${pidfile} `);
    for (const pid of pids) expect(line).toMatch(new RegExp(`PID ${pid} \\(/\\S+, started \\d+ s ago\\)`));
  }
}

/** Nothing is killed or started before the daemon runs; then the service is healthy without a second start. */
async function expectWaitedFor(service: TestService, args: readonly string[]): Promise<void> {
  const runs = await threeRuns(args);
  expect(service.starts).toBe(1);
  expectNotConfirmed(runs, service.pidfile, []);
  service.write('go', '');
  await until('the daemon runs', () => service.pids.length === 1 && service.processes.length === 1);
  expect(await sipwd(args)).toMatchObject(QUIET);
  expect(service.starts).toBe(1);
  expect(service.processes).toEqual(service.pids);
}

describe('a start that is not confirmed', () => {
  test.each<[string, (service: TestService) => string[]]>([
    ['the argument <pidfile> is mistyped', (service) => service.args.with(2, service.path('typo.pid'))],
    ['the argument <binfile> is mistyped', (service) => service.args.with(1, service.path('typo'))],
    [
      'the directory of the pidfile does not exist',
      (service) => {
        const missing = service.path('missing/svc.pid');
        const command = service.command.replace(service.pidfile, missing);
        return service.args.with(2, missing).with(3, `{ ${command}; } 2>/dev/null; true`);
      },
    ],
  ])(
    'when %s, one copy runs after three runs: exit 3, and the message names its PID, its age and the pidfile',
    async (_, change) => {
      const service = testService();
      const args = change(service);
      const runs = await threeRuns(args);
      expect(service.starts).toBe(1);
      const { processes } = service;
      expect(processes).toHaveLength(1);
      expectNotConfirmed(runs, args[2] ?? '', processes);
    },
  );

  test('when the start is slow, nothing is killed or started meanwhile; later the service is healthy without a second start', async () => {
    const service = testService();
    const args = service.args.with(3, slowCommand(service));
    await expectWaitedFor(service, args);
  });

  test('when the start command removes a stale pidfile, and the start is slow, nothing is killed or started meanwhile', async () => {
    const service = testService();
    service.writePids(NO_PID);
    const args = service.args.with(3, `rm ${service.pidfile}; ${slowCommand(service)}`);
    await expectWaitedFor(service, args);
  });

  test('when its process is that of another line with the right pidfile, nothing is started again', async () => {
    const service = testService();
    const wrong = service.args.with(2, service.path('typo.pid'));
    const first = await sipwd([...SOON, ...wrong]);
    expect(await sipwd(service.args)).toMatchObject(QUIET);
    const [pid = 0] = service.pids;
    expectNotConfirmed([first, ...(await threeRuns(wrong)).slice(1)], service.path('typo.pid'), [pid]);
    expect([service.starts, service.processes]).toEqual([1, [pid]]);
  });

  test('when the clean-up makes the daemon remove its pidfile, the service is started, whatever carries the cookie', async () => {
    const service = testService();
    const [daemon, helper] = [service.copy('/bin/sh', service.name), service.copy('/bin/sleep', 'helper')];
    const loop = `trap "rm ${service.pidfile}; exit" TERM; while :; do sleep 0.02; done`;
    const run = (script: string) =>
      `${daemon} -c '${script}' </dev/null >/dev/null 2>&1 & echo $! >>${service.pidfile}`;
    const others = `${helper} 1000 </dev/null >/dev/null 2>&1 &`;
    const command = `: >${service.pidfile}; ${run(loop)}; ${run('while :; do sleep 1; done')}; ${others}`;
    service.writePids(NO_PID);
    const args = ['--start-timeout', '0', ...service.args.with(3, command)];
    expect(await sipwd(args)).toMatchObject({ status: 0 });
    const [, second = 0] = service.pids;
    await kill([second]);
    expect(await sipwd(args)).toMatchObject({ status: 0, events: ['down', 'sent', 'starting'] });
  });

  test.each([
    ['the service is started again', ''],
    ['a forced restart does not stop that one', 'svc.force'],
  ])('when its only process is another service, says a snapshot, %s', async (_, order) => {
    const [service, other] = [testService(), testService()];
    // The start command starts another service, and not its own.
    const args = service.args.with(3, `echo >>${service.path('starts')}; ${other.uncountedCommand}`);
    expect(await sipwd([...SOON, ...args])).toMatchObject({ status: 3 });
    const [pid = 0] = other.processes;
    expect(await sipwd(other.args)).toMatchObject(QUIET);
    if (order !== '') service.write(order, '');
    const run = await sipwd([...SOON, ...args]);
    expect(run).toMatchObject({
      status: 3,
      events: ['down', ...(order === '' ? [] : ['forcedRestart']), 'starting', 'notUp'],
    });
    expect([isAlive(pid), service.starts]).toEqual([true, 2]);
  });

  test.skipIf(!hasBusybox)('when grep is that of busybox, one copy runs after three runs (needs busybox)', async () => {
    const service = testService();
    const args = service.args.with(2, service.path('typo.pid'));
    const runs = await threeRuns(args, { env: { PATH: busyboxPath() } });
    expect(service.starts).toBe(1);
    expectNotConfirmed(runs, args[2] ?? '', service.processes);
  });

  test('when its process has exited, the service is started again', async () => {
    const service = testService();
    const args = service.args.with(2, service.path('typo.pid'));
    await threeRuns(args);
    expect(service.starts).toBe(1);
    await kill(service.processes);
    await sipwd([...SOON, ...args]);
    expect(service.starts).toBe(2);
    expect(service.processes).toHaveLength(1);
  });

  test.each([
    ['mistyped <pidfile>', 2, 'typo.pid'],
    ['mistyped <binfile>', 1, 'typo'],
  ])('when a forced restart is ordered (%s), its processes are stopped before the start', async (_, index, typo) => {
    const service = testService();
    const args = service.args.with(index, service.path(typo));
    await sipwd([...SOON, ...args]);
    const [old = 0] = service.processes;
    service.write('svc.force', '');
    const run = await sipwd([...SOON, ...args]);
    expect(isAlive(old)).toBe(false);
    expect(service.processes).toHaveLength(1);
    expect(service.starts).toBe(2);
    expect(run.linesOf('forcedRestart')).toHaveLength(1);
  });
});
