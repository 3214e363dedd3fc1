import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { stateName } from '../../../src/files/state-dir.ts';
import { canMount, canTrace } from '../../support/caller.ts';
import { rehearse } from '../../support/dry-run.ts';
import { start } from '../../support/process.ts';
import { type TestService, testService } from '../../support/service.ts';
import { PROGRAM, QUIET, sipwd, sipwdIn } from '../../support/sipwd.ts';
import { isRoot, NOBODY, publicProgram, SomeUser } from '../../support/user.ts';
import { until } from '../../support/wait.ts';

const HOUR_MS = 3_600_000;

/** A service of a user of its own, whose repairs are on hold: that of root would stop the repairs of other tests. */
function onHold() {
  const user = new SomeUser();
  const service = testService();
  service.give(user.uid);
  mkdirSync(user.directory, { mode: 0o700 });
  chownSync(user.directory, user.uid, user.uid);
  const hold = join(user.directory, 'hold');
  writeFileSync(hold, '');
  chownSync(hold, user.uid, user.uid);
  const program = publicProgram();
  const mark = join(user.directory, `${stateName(service.pidfile)}.held`);
  const run = (...options: string[]) => sipwd([...options, ...service.args], user.options, program);
  return { user, service, hold, mark, program, run };
}

/** A process of the service, which another user can check. */
async function makeHealthy(service: TestService, { uid, options }: SomeUser): Promise<void> {
  service.writePids(start(service.binfile, ['1000'], options).pid);
  chownSync(service.pidfile, uid, uid);
  await until('it runs', () => service.processes.length === 1);
}

describe.skipIf(!isRoot)('while the file hold exists (needs root)', () => {
  test('when the service is down, nothing is done, and it is said once an hour: exit 0', async () => {
    const { service, hold, mark, run } = onHold();
    const ago = (ms: number) => new Date(Date.now() - ms);
    utimesSync(hold, ago(3 * HOUR_MS), ago(3 * HOUR_MS));
    expect(await run()).toMatchObject({ status: 0, events: ['held'] });
    expect(await run()).toMatchObject(QUIET);
    utimesSync(mark, ago(HOUR_MS - 60_000), ago(HOUR_MS - 60_000));
    expect(await run()).toMatchObject(QUIET);
    utimesSync(mark, ago(HOUR_MS), ago(HOUR_MS));
    expect(await run()).toMatchObject({ status: 0, events: ['held'] });
    expect(await run()).toMatchObject(QUIET);
    expect(service.starts).toBe(0);
  });

  test('when it is touched again within the hour, it is said again', async () => {
    const { hold, run } = onHold();
    await run();
    utimesSync(hold, new Date(), new Date());
    expect(await run()).toMatchObject({ status: 0, events: ['held'] });
  });

  test('when the directory cannot be written, nothing is done all the same, and every run says so', async () => {
    const { service, user, run } = onHold();
    chmodSync(user.directory, 0o500);
    for (let count = 0; count < 2; count++) expect(await run()).toMatchObject({ status: 0, events: ['held'] });
    expect(service.starts).toBe(0);
  });

  test('when a forced restart is ordered, its file stays, and no process is signalled', async () => {
    const { service, user, run } = onHold();
    await makeHealthy(service, user);
    service.write('svc.force', '');
    expect(await run()).toMatchObject({ status: 0, events: ['held'] });
    expect(existsSync(service.forceFile)).toBe(true);
    expect(service.processes).toEqual(service.pids);
  });

  test('when a dry run is asked, its plan is nothing, and it names the file', async () => {
    const { service, user, hold, mark, program } = onHold();
    const found = await rehearse({ args: service.args, options: user.options, program });
    expect(found).toMatchObject({ hold, plan: { kind: 'nothing', status: 0, actions: [] } });
    expect(found.plan.why).toContain(hold);
    const page = await sipwd(['-n', ...service.args], user.options, program);
    expect(page.stdout).toMatch(/^hold +\S+\/hold +exists: nothing is repaired$/m);
    expect(existsSync(mark)).toBe(false);
  });

  test('when it is removed, the service is started', async () => {
    const { service, hold, run } = onHold();
    await run();
    rmSync(hold);
    expect(await run()).toMatchObject({ status: 0 });
    expect(service.starts).toBe(1);
  });

  test('when another user made it, it does not count', async () => {
    const { service, hold, run } = onHold();
    chownSync(hold, NOBODY, NOBODY);
    expect(await run()).toMatchObject({ status: 0 });
    expect(service.starts).toBe(1);
  });

  test.skipIf(!canMount)('when root made it in /run/sipwd, root repairs nothing (needs mounts)', async () => {
    const { args, starts } = testService();
    const run = await sipwdIn('mkdir -p /run/sipwd; mount -t tmpfs none /run/sipwd && touch /run/sipwd/hold', args);
    expect(run).toMatchObject({ status: 0, events: ['held'] });
    expect(starts).toBe(0);
  });
});

describe.skipIf(!canTrace)('without the file hold (needs strace)', () => {
  /** The system calls of a run that name the file. */
  async function looksFor(service: TestService): Promise<string[]> {
    const out = service.path('trace');
    // Without the children: strace would wait for the daemon.
    await sipwd(['-s', '256', '-o', out, '-e', 'trace=%file', PROGRAM, ...service.args], {}, 'strace');
    const lines = readFileSync(out, 'latin1').split('\n');
    expect(lines.some((line) => line.includes(service.pidfile))).toBe(true);
    return lines.filter((line) => line.includes('/hold"'));
  }

  test('when the service is down, one call looks for it; when it is healthy, none', async () => {
    const service = testService();
    expect(await looksFor(service)).toHaveLength(1);
    expect(service.starts).toBe(1);
    expect(await looksFor(service)).toEqual([]);
  });
});
