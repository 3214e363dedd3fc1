import { existsSync, rmSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { canRun, Machine } from '../../support/machine.ts';
import { eventsIn } from '../../support/said.ts';

describe.skipIf(!canRun('memcached'))('the crontab (needs root and memcached as Debian installs it)', () => {
  let machine: Machine;

  beforeEach(async () => {
    machine = new Machine();
    await machine.provide('memcached');
  });

  afterEach(async () => {
    await machine.end();
  });

  test('when a reboot has emptied /run, the @reboot line enables and starts the service', async () => {
    rmSync(machine.at('run'), { recursive: true });
    machine.write('run/.keep', '');
    const [, command = ''] = /^@reboot root (.*)$/m.exec(machine.read('cron.d/sipwd')) ?? [];
    const { status, said } = await machine.run(command);
    expect({ status, events: eventsIn(said) }).toEqual({ status: 0, events: ['down', 'starting', 'started'] });
    expect(existsSync(machine.at('/run/memcached.runs'))).toBe(true);
    await machine.answers('memcached');
    expect(await machine.run(machine.job('memcached.sh run'))).toEqual({ status: 0, said: '' });
  });
});
