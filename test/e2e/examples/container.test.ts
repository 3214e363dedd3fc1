import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { Booted, canBoot } from '../../support/booted.ts';
import { isInstalled } from '../../support/caller.ts';
import { MAY_TAKE_LONG, NEEDS_TIME } from '../../support/cron.ts';
import { canRun } from '../../support/machine.ts';
import { isAlive } from '../../support/process.ts';
import { until } from '../../support/wait.ts';

const ENTRY = resolve('examples/container/entry.sh');
const RUNFILE = '/run/memcached.runs';
const PIDFILE = '/run/memcached/memcached.pid';
const BUSYBOX_SH = ['/bin/busybox', 'sh'];
const NEEDED = '(needs root, mounts, cgroup v2, memcached as Debian installs it, and busybox)';

/** A second service: it shows that sipwd has run, and that a stop lets a service finish. */
const WITNESS = `#!/bin/sh
echo $$ >/run/witness.pid
trap 'touch /var/finished; exit' TERM
while :; do sleep 0.1; done
`;
const LINE = `/run/witness.runs /bin/sh /run/witness.pid '/usr/local/bin/witness >/dev/null 2>&1 &'\n`;

describe.skipIf(!canBoot || !canRun('memcached') || !isInstalled('busybox'))(`a container ${NEEDED}`, () => {
  let container: Booted;

  afterEach(async () => {
    await container.end();
  });

  /** Installs the examples in a container whose PID 1 runs a script, and waits until memcached answers. */
  const boot = async (shell: readonly string[], script: string, crontab?: string) => {
    container = await Booted.boot(...shell, '-c', `until [ -e /run/installed ]; do sleep 0.1; done; ${script}`);
    container.write('/etc/sipwd.tab', `${readFileSync('examples/sipwd.tab', 'utf8')}${LINE}`);
    container.write('/usr/local/etc/rc.d/memcached.sh', readFileSync('examples/rc.d/memcached.sh', 'utf8'), 0o755);
    container.write('/usr/local/bin/witness', WITNESS, 0o755);
    if (crontab !== undefined) container.write('/etc/crontabs/root', crontab, 0o600);
    container.write('/run/installed', '');
    await until('memcached answers', isServing);
    await atRest();
  };
  /** sipwd watches what it has started for a second. */
  const atRest = () =>
    until('sipwd does not run', async () => (await container.run('pgrep -f "[s]ipwd.tab"')).status === 1);
  const pidIn = (pidfile: string) => (container.exists(pidfile) ? Number(container.read(pidfile)) : 0);
  const isServing = async () => {
    const { said } = await container.run('printf "stats\\nquit\\n" | busybox nc 127.0.0.1 11211');
    return new RegExp(`^STAT pid ${pidIn(PIDFILE)}\\r$`, 'm').test(said ?? '');
  };
  const killed = async (pidfile: string) => {
    const pid = pidIn(pidfile);
    await container.run(`kill -KILL ${pid}`);
    return pid;
  };
  const isStarted = (pidfile: string, before: number, deadline?: number) =>
    until(`${pidfile} names another PID`, () => ![0, before].includes(pidIn(pidfile)), deadline);
  const stateOf = async (pid: number) => (await container.run(`ps -o stat= -p ${pid}`)).said;

  test.for([['/bin/sh'], BUSYBOX_SH])(
    'when a service is killed, it comes back; not when it is disabled: %s',
    async (shell) => {
      await boot(shell, `INTERVAL=1; export INTERVAL; exec ${shell.join(' ')} ${ENTRY} memcached witness`);
      const pid = await killed(PIDFILE);
      await isStarted(PIDFILE, pid);
      await until('memcached answers', isServing);
      expect(await stateOf(pid)).toBe('');

      await container.run(`rm ${RUNFILE}`);
      await killed(PIDFILE);
      await isStarted('/run/witness.pid', await killed('/run/witness.pid'));
      expect(await isServing()).toBe(false);
    },
  );

  test.for([['/bin/sh'], BUSYBOX_SH])(
    'when PID 1 gets SIGTERM, the services finish, and the container stops: %s',
    async (shell) => {
      await boot(shell, `exec ${shell.join(' ')} ${ENTRY} memcached witness`);
      const start = performance.now();
      process.kill(container.init, 'SIGTERM');
      await until('the container has stopped', () => !isAlive(container.init));
      expect(performance.now() - start).toBeLessThan(5000);
      expect(container.written('/var/finished')).toBe(true);
    },
  );

  test('when PID 1 reaps nothing, a killed service is a zombie, and comes back; SIGTERM ends the script only', async () => {
    await boot(['/bin/sh'], `INTERVAL=1 ${ENTRY} memcached witness & echo $! >/run/entry.pid; exec sleep 1000`);
    const pid = await killed(PIDFILE);
    await isStarted(PIDFILE, pid);
    await until('memcached answers', isServing);
    expect(await stateOf(pid)).toMatch(/^Z/);

    await container.run('kill $(cat /run/entry.pid)');
    const entry = pidIn('/run/entry.pid');
    await until('the script has exited', async () => /^Z/.test((await stateOf(entry)) ?? ''));
    expect(await isServing()).toBe(true);
    expect(container.exists(RUNFILE)).toBe(true);
  });

  test.skipIf(!MAY_TAKE_LONG)(
    `when there is a crontab, busybox crond runs sipwd, and SIGTERM stops the container (takes a minute: needs ${NEEDS_TIME})`,
    async () => {
      const [, line = ''] = /^# {3}(\* .*)$/m.exec(readFileSync(ENTRY, 'utf8')) ?? [];
      await boot(['/bin/sh'], `exec ${ENTRY} memcached witness`, `${line}\n`);
      await isStarted(PIDFILE, await killed(PIDFILE), 120_000);
      process.kill(container.init, 'SIGTERM');
      await until('the container has stopped', () => !isAlive(container.init));
      expect(container.written('/var/finished')).toBe(true);
    },
    150_000,
  );
});
