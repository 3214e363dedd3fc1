import { existsSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { canRun, Machine } from '../../support/machine.ts';
import { isAlive } from '../../support/process.ts';
import { eventsIn } from '../../support/said.ts';

const NEEDED = '(needs root and memcached as Debian installs it)';
const SILENT = { status: 0, said: '' };
const SCRIPT = '/usr/local/etc/rc.d/memcached.sh';

describe.skipIf(!canRun('memcached'))(`the start script ${NEEDED}`, () => {
  let machine: Machine;
  const call = (verb: string) => machine.run(`${machine.at(SCRIPT)} ${verb}`);
  const checkByCron = () => machine.run(machine.job('memcached.sh run'));
  const isEnabled = () => existsSync(machine.at('/run/memcached.runs'));

  beforeEach(async () => {
    machine = new Machine();
    await machine.provide('memcached');
    const { status, said } = await call('start');
    expect({ status, events: eventsIn(said) }).toEqual({ status: 0, events: ['down', 'starting', 'started'] });
    await machine.answers('memcached');
  });

  afterEach(async () => {
    await machine.end();
  });

  test('when the service is started again, nothing happens', async () => {
    const pid = machine.pid('memcached');
    expect(await call('start')).toEqual(SILENT);
    expect(machine.pid('memcached')).toBe(pid);
    expect(isEnabled()).toBe(true);
  });

  test('when the service is stopped, it exits, and cron does not start it', async () => {
    const pid = machine.pid('memcached');
    expect(await call('stop')).toEqual(SILENT);
    expect(isAlive(pid)).toBe(false);
    expect(isEnabled()).toBe(false);
    expect(await checkByCron()).toEqual(SILENT);
    expect(existsSync(machine.pidfile('memcached')) && isAlive(machine.pid('memcached'))).toBe(false);
  });

  test('when the service was killed, cron starts it, and it can be stopped', async () => {
    await machine.kill('memcached');
    const { status, said } = await checkByCron();
    expect({ status, events: eventsIn(said) }).toEqual({ status: 0, events: ['down', 'starting', 'started'] });
    await machine.answers('memcached');
    const pid = machine.pid('memcached');
    expect(await call('stop')).toEqual(SILENT);
    expect(isAlive(pid)).toBe(false);
  });

  test('when sipwd starts the service, the runfile is not touched', async () => {
    await call('stop');
    expect(await call('run')).toEqual(SILENT);
    await machine.answers('memcached');
    expect(isEnabled()).toBe(false);
  });

  test('when the status is asked for, it tells whether the service runs and is enabled', async () => {
    expect(await call('status')).toEqual({ status: 0, said: 'memcached runs, enabled' });
    await machine.kill('memcached');
    expect(await call('status')).toEqual({ status: 3, said: 'memcached does not run, enabled' });
    await call('stop');
    expect(await call('status')).toEqual({ status: 3, said: 'memcached does not run, disabled' });
  });

  test('when the verb is unknown, the usage is printed', async () => {
    expect(await call('restart')).toEqual({ status: 1, said: expect.stringMatching(/^usage: /) });
  });
});
