import { existsSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { messages } from '../../../src/log/messages.ts';
import { stateProblem } from '../../../src/log/reasons.ts';
import { canMount, pathOf } from '../../support/caller.ts';
import { lineOf } from '../../support/messages.ts';
import { NO_PID, openFilesOf, start, startAs } from '../../support/process.ts';
import { type TestService, testService } from '../../support/service.ts';
import { QUIET, sipwd, sipwdIn, startSipwd } from '../../support/sipwd.ts';
import { isRoot, publicProgram, SomeUser } from '../../support/user.ts';
import { until } from '../../support/wait.ts';
import { without } from '../../support/without.ts';

/** A run that holds the lock: its start command makes a file, and then does not exit. */
async function startHanging(args: readonly string[], service: TestService, before = ':') {
  const hangs = service.path('hangs');
  const command = `${before}; touch ${hangs}; exec ${service.binfile} 1000`;
  const { child, run } = startSipwd(args.with(3, command), { stdout: 'ignore', stderr: 'ignore' });
  await until('the command runs', () => existsSync(hangs));
  return async () => {
    child.kill('SIGKILL');
    await run;
  };
}

describe('two runs for the same service', () => {
  test('when ten runs find it down and it takes a while to exit, one starts it and nine exit 75 or 0', async () => {
    const service = testService();
    const left = await startAs(`trap '' TERM; exec ${service.binfile} 1000`, service.name);
    service.writePids(left, NO_PID);
    const runs = await Promise.all(Array.from({ length: 10 }, () => sipwd(['--term-timeout', '1', ...service.args])));
    expect(service.starts).toBe(1);
    const others = runs.filter(({ events }) => !events.includes('started'));
    expect(others).toHaveLength(9);
    for (const { status } of others) expect([0, 75]).toContain(status);
    const busy = others.filter(({ status }) => status === 75);
    expect(busy.length).toBeGreaterThan(0);
    for (const { said } of busy) expect(said).toEqual([lineOf(messages.busy(), service.name)]);
  });

  test('when the run with the lock is killed while it stops a process, the next one acts at once', async () => {
    const service = testService();
    const left = await startAs(`trap '' TERM; exec ${service.binfile} 1000`, service.name);
    service.writePids(left, NO_PID);
    const { child, run, says } = startSipwd(service.args);
    await says('sent SIGTERM');
    expect((await sipwd(service.args)).status).toBe(75);
    child.kill('SIGKILL');
    await run;
    expect((await sipwd(['--term-timeout', '0.1', ...service.args])).status).toBe(0);
    expect(service.starts).toBe(1);
  });

  test('when the pidfile is reached by another path, it is still the same service', async () => {
    const service = testService();
    const link = service.path('link');
    symlinkSync(service.dir, link);
    const kill = await startHanging(service.args, service);
    const other = await sipwd(service.args.with(2, join(link, 'svc.pid')));
    await kill();
    expect(other.status).toBe(75);
  });

  test.each([
    ['a directory below a symlink', 'run', 'var/one/svc.pid'],
    ['the directory that a symlink leads to', 'run/one', 'var/svc.pid'],
  ])('when the start command makes %s, as after a boot, it is still the same service', async (_, target, pidfile) => {
    const service = testService();
    mkdirSync(service.path('run'));
    symlinkSync(target, service.path('var'));
    const args = service.args.with(2, service.path(pidfile));
    const kill = await startHanging(args, service, `mkdir ${service.path('run/one')}`);
    const other = await sipwd(args);
    await kill();
    expect(other.status).toBe(75);
    expect(service.starts).toBe(0);
  });
});

test('when another run repairs the service before this one has the lock, it is checked again: nothing to do, exit 0', async () => {
  const service = testService();
  const flock = pathOf('flock');
  // In place of flock(1), which takes the lock: the other run is over just before.
  service.write('flock', `#!/bin/sh\n( ${service.command} )\nexec ${flock} "$@"\n`, 0o755);
  const env = { PATH: `${service.dir}:${process.env.PATH}` };
  expect(await sipwd(service.args, { env })).toMatchObject(QUIET);
  expect(service.starts).toBe(1);
});

test('when two services are down, neither run waits for the other', async () => {
  const services = [testService(), testService()];
  const runs = services.map((service, index) => {
    const other = services[1 - index]?.path('met') ?? '';
    const meet = `touch ${service.path('met')}; until [ -e ${other} ]; do sleep 0.01; done`;
    return sipwd(service.args.with(3, `${meet}; ${service.command}`));
  });
  expect((await Promise.all(runs)).map(({ status }) => status)).toEqual([0, 0]);
});

test('when a daemon was started, it holds no descriptor of the lock', async () => {
  const service = testService();
  await sipwd(service.args);
  const [pid = 0] = service.pids;
  expect(openFilesOf(pid).filter((path) => path.endsWith('.lock'))).toEqual([]);
});

test.skipIf(!isRoot)('when the service is healthy, no lock is taken (needs root, to become another user)', async () => {
  const service = testService();
  const { uid, options, directory } = new SomeUser();
  service.writePids(start(service.binfile, ['1000'], options).pid);
  service.give(uid);
  expect(await sipwd(service.args, options, publicProgram())).toMatchObject(QUIET);
  expect(readdirSync(directory).filter((name) => name.endsWith('.lock'))).toEqual([]);
});

test.skipIf(!canMount)(
  'when there is no flock, one line says so, and nothing is started: exit 5 (needs mounts)',
  async () => {
    const service = testService();
    const run = await sipwdIn(without('flock', service.dir), service.args);
    expect(run).toMatchObject({ status: 5, events: ['down', 'cannotLock'] });
    expect(run.linesOf('cannotLock')).toEqual([expect.stringContaining(stateProblem.flockMissing())]);
    expect(service.starts).toBe(0);
  },
);
