import { copyFileSync, readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Booted, canBoot } from '../../support/booted.ts';
import { isInstalled } from '../../support/caller.ts';
import { canRun } from '../../support/machine.ts';
import { repack } from '../../support/repack.ts';
import { until } from '../../support/wait.ts';

const SILENT = { status: 0, said: '' };
const UNIT = 'examples/systemd/sipwd-runfile@.service';
const DEFAULT = 'examples/default/nginx';
const PACKAGES = ['nginx-common', 'nginx'];
const DPKG = 'DEBIAN_FRONTEND=noninteractive dpkg --force-depends';
const NEEDED = "(needs root, mounts, cgroup v2, systemd and Debian's nginx)";

/** A PID 1 for a machine without systemd: it only reaps. */
const REAPER = ['/bin/sh', '-c', 'while :; do sleep 1000; done'];

interface Way {
  readonly name: string;
  readonly init: readonly string[];
  readonly example: string;
  readonly setUp: (machine: Booted) => Promise<void>;
  readonly disable: string;
}

const WAYS: readonly Way[] = [
  {
    name: 'systemd, with sipwd-runfile@.service',
    init: ['/lib/systemd/systemd', '--system'],
    example: UNIT,
    disable: 'systemctl --quiet disable --now nginx',
    setUp: async (machine) => {
      const state = async () => (await machine.run('systemctl is-system-running')).said;
      await until('systemd has booted', async () => (await state()) === 'running');
      copyFileSync(UNIT, machine.at('/etc/systemd/system/sipwd-runfile@.service'));
      await machine.run('systemctl daemon-reload; systemctl --quiet enable --now sipwd-runfile@nginx nginx');
    },
  },
  {
    name: 'init scripts, with /etc/default/nginx',
    init: REAPER,
    example: DEFAULT,
    disable: 'service nginx stop; update-rc.d nginx disable',
    setUp: async (machine) => {
      copyFileSync(DEFAULT, machine.at('/etc/default/nginx'));
      await machine.run('update-rc.d nginx enable; service nginx start');
    },
  },
];

const isPossible = canBoot && canRun('nginx') && isInstalled('systemctl') && isInstalled('dpkg-deb');

describe.skipIf(!isPossible).each(WAYS)(
  `an upgrade of nginx under $name ${NEEDED}`,
  ({ init, example, setUp, disable }) => {
    let machine: Booted;

    const run = (command: string) => machine.run(command);
    const isEnabled = () => machine.exists('/run/nginx.runs');
    const isRunning = async () => (await run('pgrep -x nginx')).status === 0;
    /** The line of the crontab that the example has in its comment. */
    const job = /^# {3}\* \* \* \* \* root (.*)$/m.exec(readFileSync(example, 'utf8'))?.[1] ?? '';
    const pack = async () => {
      const files = [];
      for (const name of PACKAGES) files.push(await repack(machine, name));
      return files.join(' ');
    };
    const die = async () => {
      await run('pkill -KILL -x nginx');
      await until('nginx has died', async () => !(await isRunning()));
    };

    beforeEach(async () => {
      machine = await Booted.boot(...init);
      await setUp(machine);
      await until('the runfile exists', isEnabled);
      expect(await run(job)).toEqual(SILENT);
    });

    afterEach(async () => {
      await machine.end();
    });

    test('when sipwd runs all the time meanwhile, it does nothing, and nginx is enabled and runs', async () => {
      const files = await pack();
      const checks = run(`until [ -e /run/over ]; do ${job} || echo "exit status $?"; done`);
      expect(await run(`${DPKG} --install ${files}`)).toMatchObject({ status: 0 });
      await until('the runfile exists', isEnabled);
      machine.write('/run/over', '');
      expect(await checks).toEqual(SILENT);
      expect(await run(job)).toEqual(SILENT);
      expect(await isRunning()).toBe(true);
    });

    test('when nginx was stopped and disabled before, also after it had died, it stays so', async () => {
      await die();
      await run(disable);
      expect(isEnabled()).toBe(false);
      expect(await run(`${DPKG} --install ${await pack()}`)).toMatchObject({ status: 0 });
      expect(await run(job)).toEqual(SILENT);
      expect([isEnabled(), await isRunning()]).toEqual([false, false]);
    });

    test('when the package is removed after nginx has died, sipwd does not start it', async () => {
      await die();
      expect(await run(`${DPKG} --remove ${PACKAGES.toReversed().join(' ')}`)).toMatchObject({ status: 0 });
      expect(isEnabled()).toBe(false);
      expect(await run(job)).toEqual(SILENT);
    });
  },
);
