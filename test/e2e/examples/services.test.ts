import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { canRun, Machine } from '../../support/machine.ts';
import { eventsIn, linesIn } from '../../support/said.ts';

const THREE = ['nginx', 'redis', 'memcached'] as const;
const NEEDED = '(needs root, nginx, redis-server and memcached as Debian installs them)';

describe.skipIf(!canRun(...THREE))(`the script for several services ${NEEDED}`, () => {
  let machine: Machine;
  const checkAll = () => machine.run(machine.job('sipwd-services'));
  const pids = () => THREE.map((name) => machine.pid(name));

  beforeEach(async () => {
    machine = new Machine();
    machine.install('sbin/sipwd-services', '/usr/local/sbin/sipwd-services');
    for (const name of THREE) {
      await machine.provide(name);
      machine.enable(name);
    }
  });

  afterEach(async () => {
    await machine.end();
  });

  test('when one service was killed, only that one is started; when all are healthy, nothing is printed', async () => {
    expect(await checkAll()).toMatchObject({ status: 0 });
    for (const name of THREE) await machine.answers(name);
    expect(await checkAll()).toEqual({ status: 0, said: '' });

    const before = pids();
    await machine.kill('redis');
    const { status, said } = await checkAll();
    expect({ status, events: eventsIn(said) }).toEqual({ status: 0, events: ['down', 'starting', 'started'] });
    for (const line of linesIn(said)) expect(line).toMatch(/^(warning: )?redis-server: /);
    await machine.answers('redis');
    const after = pids();
    expect(after.map((pid, index) => pid === before[index])).toEqual([true, false, true]);
  });

  test('when one service cannot be started, the others are, and the exit status is that of the failure', async () => {
    machine.write('/usr/local/etc/rc.d/nginx.sh', '#!/bin/sh\nexit 9\n', 0o755);
    const { status, said } = await checkAll();
    expect(status).toBe(3);
    expect(eventsIn(said).filter((event) => event === 'startFailed')).toHaveLength(1);
    for (const name of ['redis', 'memcached'] as const) await machine.answers(name);
  });
});
