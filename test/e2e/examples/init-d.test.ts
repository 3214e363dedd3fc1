import { existsSync, readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { canMount, isInstalled, quoted } from '../../support/caller.ts';
import { kill } from '../../support/family.ts';
import { canRun, Machine } from '../../support/machine.ts';
import { isAlive } from '../../support/process.ts';
import { eventsIn } from '../../support/said.ts';
import { until } from '../../support/wait.ts';

const INIT_SCRIPT = '/etc/init.d/nginx';
const NEEDED = "(needs root, mounts, nginx, invoke-rc.d, and Debian's init scripts)";

const isPossible = canMount && canRun('nginx') && isInstalled('invoke-rc.d') && existsSync(INIT_SCRIPT);

describe.skipIf(!isPossible)(`/etc/default/nginx on a machine without systemd ${NEEDED}`, () => {
  let machine: Machine;

  beforeEach(async () => {
    machine = new Machine();
    await machine.provide('nginx');
    // The script of provide() has written the configuration.
    machine.write('etc/nginx/nginx.conf', readFileSync(machine.at('var/nginx.conf'), 'utf8'));
    machine.write('etc/default/nginx', machine.read('default/nginx'));
    machine.write('sbin/policy-rc.d', '#!/bin/sh\nexit 0\n', 0o755);
  });

  afterEach(async () => {
    await machine.end();
  });

  /** Runs a command with the configuration of this test in /etc; invoke-rc.d asks policy-rc.d whether it may act. */
  const run = (command: string) => {
    const { at } = machine;
    const mounts = [
      `mount --bind ${at('etc/nginx')} /etc/nginx`,
      `mount --bind ${at('etc/default')} /etc/default`,
      // There may be none on this machine, and then invoke-rc.d wants to know the runlevel.
      `mount -t overlay -o lowerdir=${at('sbin')}:/usr/sbin none /usr/sbin`,
      // Where systemd is PID 1, the scripts would call systemctl.
      'if [ -d /run/systemd/system ]; then mount -t tmpfs none /run/systemd; fi',
    ];
    return machine.run(`unshare --mount /bin/sh -c ${quoted([...mounts, command].join(' && '))}`);
  };
  const enabled = () => existsSync(machine.at('/run/nginx.runs'));
  /** The line of the crontab that the example has in its comment. */
  const checkByCron = () => {
    const [, command = ''] = /^# {3}\* \* \* \* \* root (.*)$/m.exec(machine.read('default/nginx')) ?? [];
    return run(command);
  };

  test('when nginx is started, repaired and stopped by its init script, the runfile follows', async () => {
    expect((await run(`${INIT_SCRIPT} start`)).status).toBe(0);
    await machine.answers('nginx');
    expect(enabled()).toBe(true);
    expect(await checkByCron()).toEqual({ status: 0, said: '' });

    const pid = machine.pid('nginx');
    await kill([pid]);
    const { said } = await checkByCron();
    const lines = said.split('\n').filter((line) => line.includes('/GLOBAL/sipwd: '));
    expect(eventsIn(lines.join('\n')).at(-1)).toBe('started');
    await machine.answers('nginx');
    expect(machine.pid('nginx')).not.toBe(pid);

    const again = machine.pid('nginx');
    expect((await run(`${INIT_SCRIPT} stop`)).status).toBe(0);
    expect(enabled()).toBe(false);
    expect(isAlive(again)).toBe(false);
    expect(await checkByCron()).toEqual({ status: 0, said: '' });
    expect(isAlive(again)).toBe(false);
  });

  test('when a package upgrade stops and starts nginx with invoke-rc.d, the runfile follows', async () => {
    expect((await run(`${INIT_SCRIPT} start`)).status).toBe(0);
    await machine.answers('nginx');
    expect((await run('invoke-rc.d nginx stop')).status).toBe(0);
    expect(enabled()).toBe(false);
    expect((await run('invoke-rc.d nginx start')).status).toBe(0);
    await machine.answers('nginx');
    expect(enabled()).toBe(true);
  });

  test('when nginx is restarted, there is no runfile while it is down, and there is one afterwards', async () => {
    expect((await run(`${INIT_SCRIPT} start`)).status).toBe(0);
    await machine.answers('nginx');
    const before = machine.pid('nginx');
    const states = new Set<string>();
    let isOver = false;
    const restart = run(`${INIT_SCRIPT} restart`).finally(() => {
      isOver = true;
    });
    await until('the script is done', () => {
      if (!existsSync(machine.pidfile('nginx'))) states.add(enabled() ? 'down, enabled' : 'down, disabled');
      return isOver;
    });
    expect((await restart).status).toBe(0);
    expect([...states]).toEqual(['down, disabled']);
    expect(enabled()).toBe(true);
    expect(machine.pid('nginx')).not.toBe(before);
  });

  test.for([true, false])('when a running nginx is replaced, it stays enabled or disabled: %s', async (isEnabled) => {
    expect((await run(`${INIT_SCRIPT} start`)).status).toBe(0);
    await machine.answers('nginx');
    machine.enable('nginx', isEnabled);
    const before = machine.pid('nginx');
    expect((await run(`${INIT_SCRIPT} upgrade`)).status).toBe(0);
    expect(machine.pid('nginx')).not.toBe(before);
    expect(enabled()).toBe(isEnabled);
  });

  test('when a start fails, nginx is enabled, and sipwd tries again', async () => {
    machine.write('etc/nginx/nginx.conf', 'no configuration');
    await run(`${INIT_SCRIPT} start`);
    expect(enabled()).toBe(true);
    expect((await checkByCron()).status).toBe(3);
  });

  test('when sipwd starts a service that the operator stops meanwhile, its command does not touch the runfile', async () => {
    expect((await run(`SIPWD=yes ${INIT_SCRIPT} start`)).status).toBe(0);
    await machine.answers('nginx');
    expect(enabled()).toBe(false);
  });
});
