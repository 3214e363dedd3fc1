import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import packageJson from '../../../package.json' with { type: 'json' };
import { until } from '../../../test/support/wait.ts';
import { Box } from './box.ts';
import { DEB } from './deb.ts';

/** debootstrap downloads and installs some hundred packages. */
const LONG = 600_000;
/** cron reads its tables and starts its jobs at the beginning of a minute. */
const TWO_MINUTES = 120_000;

const NGINX = '/run/nginx.runs /usr/sbin/nginx /run/nginx.pid /usr/sbin/nginx\n';
const CRONTAB = '/etc/cron.d/sipwd';
const TABLE = '/etc/sipwd.tab';
const TIMERS = '/etc/systemd/system/timers.target.wants';

let debian: Box;

beforeAll(() => {
  debian = Box.new();
}, LONG);

afterAll(() => debian.end());

/** A new Debian with the package. */
async function installed(): Promise<Box> {
  const box = debian.copy();
  copyFileSync(DEB, box.at('/sipwd.deb'));
  await box.apt('install', '/sipwd.deb');
  return box;
}

/** As `systemctl enable sipwd.timer` does. */
function enableTimer(box: Box): void {
  symlinkSync('/usr/lib/systemd/system/sipwd.timer', box.at(`${TIMERS}/sipwd.timer`));
}

/** The command of the package's job. */
function jobOf(box: Box): string {
  return /^\* \* \* \* \* root (.*)$/m.exec(box.read(CRONTAB))?.[1] ?? 'false';
}

/** Every file in it, except what the package tools write about themselves, and the packages. */
function namesOf({ root }: Box): string[] {
  const own = ['lib/apt', 'lib/dpkg', 'log', 'cache'].flatMap((name) => [
    '-path',
    `${root}/var/${name}`,
    '-prune',
    '-o',
  ]);
  const names = execFileSync('find', [root, ...own, '-printf', '%P\n'], { encoding: 'utf8' }).split('\n');
  return names.filter((name) => !name.endsWith('.deb')).sort();
}

/** The same package, with a higher version. */
function makeNewer(deb: string): void {
  const directory = mkdtempSync(join(tmpdir(), 'sipwd-newer-'));
  try {
    execFileSync('dpkg-deb', ['--raw-extract', DEB, directory]);
    const control = join(directory, 'DEBIAN/control');
    writeFileSync(
      control,
      readFileSync(control, 'utf8').replace(/^Version: .*$/m, `Version: ${packageJson.version}+new`),
    );
    execFileSync('dpkg-deb', ['-Znone', '--build', directory, deb], { stdio: ['ignore', 'ignore', 'inherit'] });
  } finally {
    rmSync(directory, { recursive: true });
  }
}

describe('a new Debian on which the package is installed (needs root and debootstrap)', () => {
  let box: Box;
  let table: string;

  beforeAll(async () => {
    box = await installed();
    table = box.read(TABLE);
  });
  afterEach(() => box.write(TABLE, table));
  afterAll(() => box.end());

  /** What the job of cron prints, if sipwd only prints its arguments. */
  const job = async () => (await box.run('sh', '-c', jobOf(box).replace('&& /usr/sbin/sipwd', '&& echo sipwd'))).said;

  test('when there is no Node, sipwd runs', async () => {
    expect((await box.run('sh', '-c', 'command -v node')).status).not.toBe(0);
    expect(await box.run('sipwd', '--version')).toEqual({ status: 0, said: packageJson.version });
  });

  test('when dpkg verifies the files, it finds no change', async () => {
    expect(await box.run('dpkg', '--verify', 'sipwd')).toEqual({ status: 0, said: '' });
  });

  test.each([
    ['has only comments and blanks', '# one\n\n \t# two\n \n'],
    ['is as the package installs it', undefined],
  ])('when the table %s, the job of cron does not run sipwd', async (_condition, text) => {
    box.write(TABLE, text ?? table);
    expect(await job()).toBe('');
  });

  test.each([
    ['has a line', NGINX],
    ['has a line after blanks', `#\n \t${NGINX}`],
    ['ends without a line feed', NGINX.trim()],
  ])('when the table %s, the job of cron runs sipwd', async (_condition, text) => {
    box.write(TABLE, text);
    expect(await job()).toBe(`sipwd --table ${TABLE}`);
  });

  test('when there is no table, cron mails that', async () => {
    rmSync(box.at(TABLE));
    expect(await job()).toContain(`${TABLE}: No such file`);
  });
});

describe('a Debian with a service (needs root and debootstrap)', () => {
  let box: Box;

  beforeEach(async () => {
    box = await installed();
  });
  afterEach(() => box.end());

  test('when the main process of nginx is killed, cron and sipwd start nginx again, and cron mails why', async () => {
    box.write('/usr/sbin/sendmail', '#!/bin/sh\ncat >>/var/mail/root\n', 0o755);
    box.write(TABLE, `${box.read(TABLE)}${NGINX}`);
    box.write('/run/nginx.runs', '');
    const beside = await box.boot(`
      nginx
      until sipwd --table ${TABLE} 2>/dev/null && sipwd -n --table ${TABLE} >/dev/null; do sleep 0.1; done
      cat /run/nginx.pid >/killed
      kill -9 "$(cat /killed)"
      exec cron -f`);
    await until('cron has mailed', () => box.read('/var/mail/root').includes('nginx: started: '), TWO_MINUTES);
    const [killed, started] = ['/killed', '/run/nginx.pid'].map((path) => box.read(path).trim());
    expect(started).not.toBe(killed);
    const mail = box.read('/var/mail/root');
    // cron, PID 1 there, reaps it when a job exits.
    expect(mail).toMatch(new RegExp(`warning: nginx: down: PID ${killed} (does not exist|has exited)`));
    expect(mail).toContain(`nginx: started: PID ${started}`);
    expect(await beside('sipwd', '-n', '--table', TABLE)).toMatchObject({ status: 0 });
  });

  test('when systemd has booted the machine and the timer is enabled, it starts nginx, and no process is left over', async () => {
    // systemd mounts an empty /run.
    box.write(TABLE, NGINX.replace('/run/nginx.runs', '/srv/nginx.runs'));
    box.write('/srv/nginx.runs', '');
    // Those of Debian are for a real machine.
    rmSync(box.at(TIMERS), { recursive: true });
    mkdirSync(box.at(TIMERS));
    enableTimer(box);
    const beside = await box.bootSystemd();
    const journal = async () =>
      (await beside('journalctl', '--no-pager', '--identifier=sipwd', '--identifier=systemd')).stdout;
    await until(
      'sipwd has started nginx',
      async () => /sipwd.*: nginx: started: PID/.test(await journal()),
      TWO_MINUTES,
    );
    await until(
      'the run has ended',
      async () => (await beside('systemctl', 'is-active', 'sipwd.service')).stdout === 'inactive',
    );
    expect(await beside('systemctl', 'start', 'sipwd.service')).toMatchObject({ status: 0 });
    expect(await beside('sipwd', '-n', '--table', TABLE)).toMatchObject({ status: 0 });
    expect(await journal()).not.toMatch(/left-over|remains running/);
    expect((await beside('stat', '--format=%a %u', '/run/sipwd')).stdout).toBe('700 0');
  });

  test('when the package is upgraded, an edited table and an edited crontab stay as they are', async () => {
    box.write(TABLE, NGINX);
    box.write(CRONTAB, `${box.read(CRONTAB)}# mine\n`);
    const before = [TABLE, CRONTAB].map(box.read, box);
    makeNewer(box.at('/sipwd-new.deb'));
    await box.apt('install', '/sipwd-new.deb');
    expect((await box.run('dpkg-query', '--show', 'sipwd')).said).toBe(`sipwd\t${packageJson.version}+new`);
    expect([TABLE, CRONTAB].map(box.read, box)).toEqual(before);
  });

  test('when the package is removed, the edited table stays, and the job of cron is silent', async () => {
    box.write(TABLE, NGINX);
    await box.apt('remove', 'sipwd');
    expect(box.read(TABLE)).toBe(NGINX);
    expect((await box.run('sh', '-c', jobOf(box))).said).toBe('');
  });

  test('when the package is purged after it watched a service, nothing is left', async () => {
    box.write(TABLE, `/run/s.runs sleep /run/s.pid "sleep 1000 & echo \\$! >/run/s.pid"\n`);
    box.write('/run/s.runs', '');
    await box.run('sipwd', '--table', TABLE);
    enableTimer(box);
    expect(namesOf(box)).toContain('run/sipwd/%2Frun%2Fs.pid.snapshot');
    await box.apt('purge', 'sipwd');
    const before = namesOf(debian);
    expect(namesOf(box).filter((name) => !before.includes(name))).toEqual(['run/s.pid', 'run/s.runs']);
  });
});
