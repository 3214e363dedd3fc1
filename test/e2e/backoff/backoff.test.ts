import { readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parseSnapshot, type Start } from '../../../src/service/snapshot.ts';
import { snapshotOf } from '../../support/crew.ts';
import { rehearse } from '../../support/dry-run.ts';
import { kill } from '../../support/family.ts';
import { isAlive, NO_PID, start } from '../../support/process.ts';
import { type TestService, testService } from '../../support/service.ts';
import { QUIET, sipwd } from '../../support/sipwd.ts';
import { until } from '../../support/wait.ts';

const HOUR = ['--backoff', '3600'];
const TICKS = 100;

const failing = (service: TestService) => [...HOUR, ...service.args.with(3, `echo >>${service.path('tries')}; false`)];
const triesOf = (service: TestService) => readFileSync(service.path('tries'), 'utf8').length;

/** The start has failed twice, and no pause has begun. */
async function failedTwice(): Promise<TestService> {
  const service = testService();
  for (let count = 0; count < 2; count++) expect(await sipwd(failing(service))).toMatchObject({ status: 3 });
  return service;
}

async function paused(): Promise<TestService> {
  const service = await failedTwice();
  expect(await sipwd(failing(service))).toMatchObject({ status: 6, events: ['paused'] });
  return service;
}

function startIn(service: TestService): Start {
  const start = parseSnapshot(readFileSync(snapshotOf(service), 'utf8'))?.start;
  if (!start) throw new Error('no start is stored');
  return start;
}

/** Writes the stored start as if all of it had happened so many seconds earlier; or with other changes. */
function change(service: TestService, seconds: number, changes: Partial<Start> = {}): void {
  const path = snapshotOf(service);
  const stored = startIn(service);
  const earlier = (ticks: number) => Math.max(0, ticks - seconds * TICKS);
  const pause = stored.pausedAt === undefined ? {} : { pausedAt: earlier(stored.pausedAt) };
  const changed = { ...stored, began: earlier(stored.began), ...pause, ...changes };
  writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path, 'utf8')), start: changed }));
}

describe('a service whose start keeps failing', () => {
  test('when --backoff is not given, it is started in every run', async () => {
    const service = testService();
    const args = failing(service).slice(2);
    for (let count = 0; count < 4; count++) expect((await sipwd(args)).status).toBe(3);
    expect(triesOf(service)).toBe(4);
  });

  test('when two starts have failed, one warning gives the time of the next start, and silence follows: exit 6', async () => {
    const service = await failedTwice();
    const first = await sipwd(failing(service));
    expect(first).toMatchObject({ status: 6, events: ['paused'] });
    const [, minutes, seconds] = /next start: \d+ \w+ \d\d:(\d\d):(\d\d);/.exec(first.stderr) ?? [];
    const now = new Date();
    const left = (Number(minutes) - now.getMinutes()) * 60 + Number(seconds) - now.getSeconds();
    expect((left + 3600) % 3600).toBeGreaterThan(100);
    expect((left + 3600) % 3600).toBeLessThanOrEqual(120);
    expect(await sipwd(failing(service))).toMatchObject({ ...QUIET, status: 6 });
    expect(triesOf(service)).toBe(2);
  });

  test('when a pause is over, the service is started, and the next pause is twice as long', async () => {
    const service = await paused();
    change(service, 121);
    expect(await sipwd(failing(service))).toMatchObject({ status: 3 });
    expect(triesOf(service)).toBe(3);
    await sipwd(failing(service));
    change(service, 121);
    expect(await sipwd(failing(service))).toMatchObject({ ...QUIET, status: 6 });
    change(service, 120);
    expect(await sipwd(failing(service))).toMatchObject({ status: 3 });
  });

  test('when the option allows less, the pause is as long as it says', async () => {
    const service = await failedTwice();
    const args = failing(service).with(1, '0.5');
    expect(await sipwd(args)).toMatchObject({ status: 6 });
    await until('the pause is over', async () => (await sipwd(args)).status === 3);
    expect(triesOf(service)).toBe(3);
  });

  test('when the service does not come up, the start has failed', async () => {
    const service = testService();
    const args = [...HOUR, '--start-timeout', '0.1', ...service.args.with(3, 'true')];
    const statuses: unknown[] = [];
    for (let count = 0; count < 3; count++) statuses.push((await sipwd(args)).status);
    expect(statuses).toEqual([3, 3, 6]);
  });

  test('when it is found down again within ten minutes, the start has failed', async () => {
    const service = testService();
    for (let count = 0; count < 2; count++) {
      expect(await sipwd([...HOUR, ...service.args])).toMatchObject({ status: 0 });
      await kill(service.pids);
    }
    expect(await sipwd([...HOUR, ...service.args])).toMatchObject({ status: 6, events: ['paused'] });
    expect(service.starts).toBe(2);
  });

  test('when it was up for more than ten minutes, it is started at once', async () => {
    const service = testService();
    expect(await sipwd([...HOUR, ...service.args])).toMatchObject({ status: 0 });
    change(service, 0, { failuresBefore: 9, began: 0 });
    await kill(service.pids);
    expect(await sipwd([...HOUR, ...service.args])).toMatchObject({ status: 0 });
    expect(service.starts).toBe(2);
  });

  test('when it is paused, nothing is killed, and a dry run shows the pause', async () => {
    const service = testService();
    expect(await sipwd([...HOUR, ...service.args])).toMatchObject({ status: 0 });
    const [pid = 0] = service.pids;
    change(service, 0, { failuresBefore: 1 });
    service.writePids(pid, NO_PID);
    const { backoff, plan } = await rehearse({ args: [...HOUR, ...service.args] });
    expect(backoff).toEqual({ failures: 2, pausedUntil: expect.any(String) });
    expect(plan).toMatchObject({ kind: 'refuse', actions: [], status: 6 });
    expect(startIn(service).pausedAt).toBeUndefined();
    const run = await sipwd([...HOUR, ...service.args]);
    expect(run).toMatchObject({ status: 6, events: ['paused'] });
    expect(run.stderr).toContain(plan.why.slice(0, 40));
    expect(isAlive(pid)).toBe(true);
  });
});

describe('the end of a pause', () => {
  test('when the operator touches the runfile, the service is started, and failures are counted from zero', async () => {
    const service = await paused();
    utimesSync(service.runfile, 1, 1);
    const statuses: unknown[] = [];
    for (let count = 0; count < 3; count++) statuses.push((await sipwd(failing(service))).status);
    expect(statuses).toEqual([3, 3, 6]);
  });

  test('when the runfile was touched before a pause has begun, the service is started', async () => {
    const service = await failedTwice();
    utimesSync(service.runfile, 1, 1);
    expect(await sipwd(failing(service))).toMatchObject({ status: 3 });
  });

  test('when only the start command touches the runfile, the pause begins', async () => {
    const service = testService();
    const args = [...HOUR, ...service.args.with(3, `touch ${service.runfile}; false`)];
    const statuses: unknown[] = [];
    for (let count = 0; count < 3; count++) statuses.push((await sipwd(args)).status);
    expect(statuses).toEqual([3, 3, 6]);
  });

  test('when the force-restart file exists, the service is started, and failures are counted from zero', async () => {
    const service = await paused();
    service.write('svc.force', '');
    expect(await sipwd(failing(service))).toMatchObject({ status: 3 });
    expect(startIn(service).failuresBefore).toBeUndefined();
  });

  test('when the service is found healthy, the pause is over, and later checks store nothing', async () => {
    const service = await paused();
    service.writePids(start(service.binfile, ['1000']).pid);
    await until('it runs', () => service.processes.length === 1);
    expect(await sipwd(failing(service))).toMatchObject(QUIET);
    const text = readFileSync(snapshotOf(service), 'utf8');
    expect(startIn(service)).not.toHaveProperty('pausedAt');
    expect(startIn(service)).not.toHaveProperty('failuresBefore');
    expect(await sipwd(failing(service))).toMatchObject(QUIET);
    expect(readFileSync(snapshotOf(service), 'utf8')).toBe(text);
    await kill(service.pids);
    expect(await sipwd(failing(service))).toMatchObject({ status: 3 });
  });

  test('when the snapshot is from another boot, there is no pause', async () => {
    const service = await paused();
    const path = snapshotOf(service);
    writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path, 'utf8')), boot: 'other' }));
    expect(await sipwd(failing(service))).toMatchObject({ status: 3 });
  });

  test('when --no-memory is given as well, that is a usage error', async () => {
    const service = testService();
    expect(await sipwd(['--no-memory', ...failing(service)])).toMatchObject({ status: 1, events: ['usage'] });
  });
});
