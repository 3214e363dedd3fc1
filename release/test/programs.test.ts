import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { isAlive, processesOf } from '../../test/support/process.ts';
import { QUIET, sipwd } from '../../test/support/sipwd.ts';
import { until } from '../../test/support/wait.ts';
import { TARGETS } from '../targets.mjs';

// This shows that the programs load, check, signal and start. It cannot show that they run on a real arm64 machine or on
// Alpine: the kernel and the tools are those of this machine, and the C++ runtime on musl is Debian's.

const roots = mkdtempSync(join(tmpdir(), 'sipwd-roots-'));

beforeAll(() => {
  execFileSync('release/test/make-roots', [roots], { stdio: ['ignore', 'inherit', 'inherit'] });
  for (const target of Object.keys(TARGETS)) {
    copyFileSync(`dist/release/sipwd-${packageJson.version}-linux-${target}`, join(roots, target, 'bin/sipwd'));
  }
});

afterAll(() => rmSync(roots, { recursive: true, force: true }));

describe.each(Object.keys(TARGETS))('the program for %s, as root', (target) => {
  const root = join(roots, target);
  const pidfile = join(root, 'run/svc.pid');
  const forceFile = join(root, 'run/svc.force');
  const args = [
    ...['/run/svc.runs', '/bin/sleep', '/run/svc.pid'],
    ...['sleep 1000 </dev/null >/dev/null 2>&1 & echo $! >/run/svc.pid', '/run/svc.force'],
  ];
  const emulator = target.startsWith('arm64') ? ['/bin/qemu-aarch64-static'] : [];
  const enter = 'mount -t proc proc "$0/proc" && exec chroot "$0" "$@"';
  const program = ['unshare', '--mount', 'sh', '-c', enter, root, ...emulator, '/bin/sipwd'];
  const run = (...some: readonly string[]) => sipwd(some, {}, program);
  const pidOf = () => Number(readFileSync(pidfile, 'utf8'));
  const daemons = () => processesOf((exe) => exe === '/bin/busybox' || exe === join(root, 'bin/busybox'));

  beforeEach(() => writeFileSync(join(root, 'run/svc.runs'), ''));

  afterEach(async () => {
    if (existsSync(pidfile)) process.kill(pidOf(), 'SIGKILL');
    await until('the daemon has exited', () => daemons().length === 0);
    for (const name of ['svc.pid', 'svc.force']) rmSync(join(root, 'run', name), { force: true });
  });

  test('when asked for its version, it prints the version of the package', async () => {
    expect(await run('--version')).toMatchObject({ status: 0, stdout: `${packageJson.version}\n`, stderr: '' });
  });

  test('when the service is down, it is started, and the next check is silent', async () => {
    expect(await run(...args)).toMatchObject({ status: 0, events: ['down', 'starting', 'started'] });
    expect(daemons()).toEqual([pidOf()]);
    expect(await run(...args)).toMatchObject(QUIET);
  });

  test('when the force-restart file exists, the service is killed and started again', async () => {
    await run(...args);
    const before = pidOf();
    writeFileSync(forceFile, '');
    const { status, said } = await run(...args);
    expect({
      status,
      isForced: said.some((line) => line.includes(`sent SIGABRT and SIGCONT to PID ${before}`)),
    }).toEqual({
      status: 0,
      isForced: true,
    });
    expect([isAlive(before), daemons(), existsSync(forceFile)]).toEqual([false, [pidOf()], false]);
  });

  test('when a service of the table is down, it is started, and the next check of the table is silent', async () => {
    writeFileSync(join(root, 'run/sipwd.tab'), `${args.map((arg) => `'${arg}'`).join(' ')}\n`);
    expect(await run('--table', '/run/sipwd.tab')).toMatchObject({
      status: 0,
      events: ['down', 'starting', 'started'],
    });
    expect(daemons()).toEqual([pidOf()]);
    expect(await run('--table', '/run/sipwd.tab')).toMatchObject(QUIET);
  });
});
