import { copyFileSync, readFileSync, statSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Booted, canBoot } from '../../support/booted.ts';
import { isInstalled } from '../../support/caller.ts';
import { canRun } from '../../support/machine.ts';
import { eventsIn } from '../../support/said.ts';
import { until } from '../../support/wait.ts';

const UNIT = 'examples/systemd/sipwd-runfile@.service';
const RUNFILE = '/run/nginx.runs';
const SILENT = { status: 0, said: '' };
const SYSTEMD = '/lib/systemd/systemd';
const NEEDED = "(needs root, mounts, cgroup v2, systemd and Debian's nginx)";

describe.skipIf(!canBoot || !canRun('nginx') || !isInstalled('systemctl'))(
  `nginx, started by systemd ${NEEDED}`,
  () => {
    let machine: Booted;

    const run = (command: string) => machine.run(command);
    const isEnabled = () => machine.exists(RUNFILE);
    /** A start returns before the runfile exists. */
    const enabled = () => until('the runfile exists', isEnabled);
    const isRunning = async () => (await run('systemctl is-active nginx')).said === 'active';
    /** The line of the crontab that the example has in its comment. */
    const checkByCron = () => run(/^# {3}\* \* \* \* \* root (.*)$/m.exec(readFileSync(UNIT, 'utf8'))?.[1] ?? '');
    const die = async () => {
      await run('kill -KILL $(cat /run/nginx.pid)');
      await until(
        'systemd knows that nginx has died',
        async () => (await run('systemctl is-failed nginx')).status === 0,
      );
    };

    beforeEach(async () => {
      machine = await Booted.boot(SYSTEMD, '--system');
      await until('systemd has booted', async () => (await run('systemctl is-system-running')).said === 'running');
      copyFileSync(UNIT, machine.at('/etc/systemd/system/sipwd-runfile@.service'));
      const [, setUp = ''] = /^# for nginx: (.*)$/m.exec(readFileSync(UNIT, 'utf8')) ?? [];
      expect(await run(setUp)).toMatchObject({ status: 0 });
      expect(await run('systemctl --quiet enable --now nginx')).toMatchObject({ status: 0 });
      await enabled();
    });

    afterEach(async () => {
      await machine.end();
    });

    test('when it dies, sipwd has systemd start it again, and the runfile is not touched', async () => {
      expect(await checkByCron()).toEqual(SILENT);
      const { ino, mtimeMs } = statSync(machine.at(RUNFILE));
      await die();
      const { status, said } = await checkByCron();
      expect({ status, events: eventsIn(said ?? '') }).toEqual({ status: 0, events: ['down', 'starting', 'started'] });
      expect(await isRunning()).toBe(true);
      expect(statSync(machine.at(RUNFILE))).toMatchObject({ ino, mtimeMs });
      expect(await checkByCron()).toEqual(SILENT);
    });

    test('when it is restarted, there is no runfile while it is down', async () => {
      const probe = '[Service]\nExecStopPost=-/bin/cp /run/nginx.runs /run/found\n';
      machine.write('/etc/systemd/system/nginx.service.d/probe.conf', probe);
      expect(await run('systemctl daemon-reload && systemctl restart nginx')).toEqual(SILENT);
      await enabled();
      expect(machine.exists('/run/found')).toBe(false);
      expect(await checkByCron()).toEqual(SILENT);
      await die();
      await until('the probe has found the runfile', () => machine.exists('/run/found'));
    });

    test('when a restart fails, it stays enabled, and sipwd starts it once that is possible', async () => {
      expect(await run('mv /etc/nginx/nginx.conf /etc/nginx/away; systemctl restart nginx')).toMatchObject({
        status: 1,
      });
      await enabled();
      expect(await checkByCron()).toMatchObject({ status: 3 });
      expect(isEnabled()).toBe(true);
      await run('mv /etc/nginx/away /etc/nginx/nginx.conf');
      expect(await checkByCron()).toMatchObject({ status: 0 });
      expect(await isRunning()).toBe(true);
    });

    test('when policy-rc.d forbids a stop, nginx runs on, and stays enabled', async () => {
      machine.write('/usr/sbin/policy-rc.d', '#!/bin/sh\nexit 101\n', 0o755);
      await run('invoke-rc.d nginx stop; deb-systemd-invoke stop nginx.service');
      expect([isEnabled(), await isRunning()]).toEqual([true, true]);
      expect(await checkByCron()).toEqual(SILENT);
    });

    const STOPS = [
      'systemctl stop nginx',
      'service nginx stop',
      '/etc/init.d/nginx stop',
      'invoke-rc.d nginx stop',
      'deb-systemd-invoke stop nginx.service',
      'systemctl --quiet disable --now nginx',
      'systemctl --quiet mask --now nginx',
    ];

    test('when /etc/default/nginx keeps the runfile, too, the init script still starts and stops nginx', async () => {
      copyFileSync('examples/default/nginx', machine.at('/etc/default/nginx'));
      expect(await run('/etc/init.d/nginx restart')).toMatchObject({ status: 0 });
      await enabled();
      expect(await run('/etc/init.d/nginx upgrade')).toMatchObject({ status: 0 });
      await enabled();
      expect(await checkByCron()).toEqual(SILENT);
      expect(await run('/etc/init.d/nginx stop')).toMatchObject({ status: 0 });
      expect([isEnabled(), await isRunning()]).toEqual([false, false]);
      expect(await run('/etc/init.d/nginx start')).toMatchObject({ status: 0 });
      await enabled();
    });

    test.for(STOPS)('when the operator stops it with "%s", also after it has died, it stays stopped', async (stop) => {
      for (const before of [() => {}, die]) {
        await run('systemctl --quiet unmask nginx; systemctl start nginx');
        await enabled();
        await before();
        expect(await run(stop)).toMatchObject({ status: 0 });
        expect(isEnabled()).toBe(false);
        expect(await checkByCron()).toEqual(SILENT);
        expect(await isRunning()).toBe(false);
      }
    });
  },
);
