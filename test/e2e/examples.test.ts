import { existsSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { isInstalled } from '../support/caller.ts';
import { canRun, Machine } from '../support/machine.ts';
import { isAlive } from '../support/process.ts';

const THREE = ['nginx', 'redis', 'memcached'] as const;
const NEEDED = '(needs root, nginx, redis-server and memcached as Debian installs them)';

const WELL = { status: 0, said: '' };

let machine: Machine;

beforeEach(() => {
  machine = new Machine();
});

afterEach(async () => {
  await machine.end();
});

describe.skipIf(!canRun('memcached'))('the start/stop script (needs root and memcached as Debian installs it)', () => {
  const call = (verb: string) => machine.run(`${machine.at('/usr/local/etc/rc.d/memcached.sh')} ${verb}`);
  const watch = () => machine.run(machine.job('memcached.sh run'));

  beforeEach(async () => {
    await machine.provide('memcached');
    expect(await call('start')).toEqual({ status: 0, said: expect.stringContaining('/usr/bin/memcached: PID ') });
    await machine.answers('memcached');
  });

  test('when the service is started once more, nothing happens', async () => {
    const pid = machine.pid('memcached');
    expect(await call('start')).toEqual(WELL);
    expect(machine.pid('memcached')).toBe(pid);
    expect(existsSync(machine.at('/run/memcached.runs'))).toBe(true);
  });

  test('when the service is stopped, it ends, and the job of cron does not bring it back', async () => {
    const pid = machine.pid('memcached');
    expect(await call('stop')).toEqual(WELL);
    expect(isAlive(pid)).toBe(false);
    expect(await watch()).toEqual(WELL);
    expect(existsSync(machine.pidfile('memcached')) && isAlive(machine.pid('memcached'))).toBe(false);
  });

  test('when the service was killed, the job of cron brings it back, and it can be stopped', async () => {
    await machine.kill('memcached');
    expect(await watch()).toMatchObject({ status: 0, said: expect.stringContaining('is down: ') });
    await machine.answers('memcached');
    const pid = machine.pid('memcached');
    expect(await call('stop')).toEqual(WELL);
    expect(isAlive(pid)).toBe(false);
  });

  test('when the verb is unknown, it says how it is used', async () => {
    expect(await call('restart')).toEqual({ status: 1, said: expect.stringMatching(/^usage: /) });
  });
});

describe.skipIf(!canRun(...THREE))(`the script for several services ${NEEDED}`, () => {
  const watch = () => machine.run(machine.job('sipwd-services'));

  beforeEach(async () => {
    machine.install('sbin/sipwd-services', '/usr/local/sbin/sipwd-services');
    for (const name of THREE) {
      await machine.provide(name);
      machine.want(name);
    }
  });

  test('when one of them was killed, that one comes back; when all are well, it is silent', async () => {
    expect(await watch()).toMatchObject({ status: 0 });
    for (const name of THREE) await machine.answers(name);
    expect(await watch()).toEqual(WELL);

    const before = THREE.map((name) => machine.pid(name));
    await machine.kill('redis');
    const { status, said } = await watch();
    expect({ status, said }).toEqual({ status: 0, said: expect.stringMatching(/started \S+redis-server: PID/) });
    expect(said).not.toMatch(/nginx|memcached/);
    await machine.answers('redis');
    expect(THREE.map((name, index) => machine.pid(name) === before[index])).toEqual([true, false, true]);
  });

  test('when one of them cannot be started, the others are, and the exit status tells', async () => {
    machine.write('/usr/local/etc/rc.d/nginx.sh', '#!/bin/sh\nexit 9\n', 0o755);
    const { status, said } = await watch();
    expect({ status, said }).toEqual({ status: 3, said: expect.stringContaining('exited with status 9') });
    for (const name of ['redis', 'memcached'] as const) await machine.answers(name);
  });
});

describe('the units of systemd', () => {
  test.skipIf(!isInstalled('systemd-analyze'))(
    'when systemd reads them, it finds no fault (needs systemd-analyze)',
    async () => {
      machine.write('/usr/local/sbin/sipwd-services', '#!/bin/sh\n', 0o755);
      const units = ['sipwd.service', 'sipwd.timer'].map((unit) => machine.install(`systemd/${unit}`, `var/${unit}`));
      for (const unit of units) await machine.run(`chmod 644 ${unit}`);
      expect(await machine.run(`systemd-analyze verify --man=no ${units.join(' ')}`)).toEqual(WELL);
    },
  );

  test.skipIf(!canRun('memcached'))(
    'when what the service executes is run with its environment, memcached is started (needs root and memcached)',
    async () => {
      machine.install('sbin/sipwd-services', '/usr/local/sbin/sipwd-services');
      await machine.provide('memcached');
      machine.want('memcached');
      const unit = machine.read('systemd/sipwd.service');
      const [, command = ''] = /^ExecStart=(.*)$/m.exec(unit) ?? [];
      const [, path] = /^Environment=PATH=(.*)$/m.exec(unit) ?? [];
      expect(await machine.run(command, path)).toMatchObject({ status: 0 });
      await machine.answers('memcached');
    },
  );
});
