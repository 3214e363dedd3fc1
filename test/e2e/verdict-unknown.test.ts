import { chmodSync, realpathSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { isAlive, start, startRenamed } from '../support/process.ts';
import { AS_NOBODY, canBecomeNobody, canMount, IS_ROOT } from '../support/rights.ts';
import { type TestService, testService } from '../support/service.ts';
import { sipwd } from '../support/sipwd.ts';

const HEALTHY = { status: 0, stdout: '', stderr: '' };
const SHELL = realpathSync('/bin/sh');
const NO_PID = 4_194_303;

/** setpriv(1): root as it is in a container. */
const WITHOUT_PTRACE = ['setpriv', '--bounding-set', '-sys_ptrace', '--'];

/** A service whose folder is open to everybody, so that a start by mistake would be counted. */
function openService(): TestService {
  const service = testService();
  chmodSync(service.dir, 0o777);
  return service;
}

/** Neither comm nor argv[0] tells what it runs. */
function startMasked(service: TestService, options = {}): Promise<number> {
  return startRenamed(service.copy(SHELL, service.name), 'masked', { argv0: 'masked: idle', ...options });
}

describe.skipIf(!canBecomeNobody())("another user's process (needs root, and a program that others may run)", () => {
  test('when comm is the name of the binary, it is running', async () => {
    const service = openService();
    service.writePids(start(service.binfile, ['1000'], { argv0: 'masked: idle' }).pid);
    expect(await sipwd(service.args, AS_NOBODY)).toMatchObject(HEALTHY);
  });

  test('when comm is the first 15 bytes of a longer name, it is running', async () => {
    const service = openService();
    const binfile = service.copy(service.binfile, `${service.name}-with-a-long-name`);
    service.writePids(start(binfile, ['1000'], { argv0: 'masked: idle' }).pid);
    const run = await sipwd([service.runfile, binfile, service.pidfile, service.command], AS_NOBODY);
    expect(run).toMatchObject(HEALTHY);
  });

  test('when argv[0] is the name of the binary, it is running', async () => {
    const service = openService();
    service.writePids(await startRenamed(service.copy(SHELL, service.name), 'masked'));
    expect(await sipwd(service.args, AS_NOBODY)).toMatchObject(HEALTHY);
  });

  test('when nothing proves it, that is not gone: exit 5, and nothing is signalled or started', async () => {
    const service = openService();
    const pid = await startMasked(service);
    service.writePids(pid);
    const run = await sipwd(service.args, AS_NOBODY);
    const why = `PID ${pid} runs as masked, and /proc/${pid}/exe cannot be read: EACCES`;
    expect(run).toMatchObject({
      status: 5,
      said: [`cannot tell whether ${service.binfile} runs: ${why}; nothing was signalled or started`],
    });
    expect({ alive: isAlive(pid), starts: service.starts }).toEqual({ alive: true, starts: 0 });
  });

  test('when another PID is running, and the caller could end it, it is left alone: exit 5', async () => {
    const service = openService();
    const [masked, own] = [
      await startMasked(service),
      start(service.binfile, ['-c', 'read -r line'], {
        ...AS_NOBODY,
        stdio: 'pipe',
      }).pid,
    ];
    service.writePids(own, masked);
    expect(await sipwd(service.args, AS_NOBODY)).toMatchObject({
      status: 5,
      said: [expect.stringMatching('cannot tell')],
    });
    expect([own, masked].map(isAlive)).toEqual([true, true]);
    expect(service.starts).toBe(0);
  });

  test('when another PID is gone, the service is not started for that: exit 5', async () => {
    const service = openService();
    const masked = await startMasked(service);
    service.writePids(NO_PID, masked);
    expect(await sipwd(service.args, AS_NOBODY)).toMatchObject({
      status: 5,
      said: [expect.stringMatching('cannot tell')],
    });
    expect({ alive: isAlive(masked), starts: service.starts }).toEqual({ alive: true, starts: 0 });
  });
});

describe.skipIf(!IS_ROOT)('root without CAP_SYS_PTRACE, as in a container (needs root)', () => {
  test('when comm proves that a process of another user runs, it is running', async () => {
    const service = openService();
    service.writePids(start(service.binfile, ['1000'], { argv0: 'masked: idle', ...AS_NOBODY }).pid);
    expect(await sipwd(service.args, {}, WITHOUT_PTRACE)).toMatchObject(HEALTHY);
  });

  test('when nothing proves it: exit 5, and nothing is signalled or started', async () => {
    const service = openService();
    const pid = await startMasked(service, AS_NOBODY);
    service.writePids(pid);
    const run = await sipwd(service.args, {}, WITHOUT_PTRACE);
    expect(run).toMatchObject({ status: 5, said: [expect.stringMatching(/exe cannot be read: EACCES; nothing was/)] });
    expect({ alive: isAlive(pid), starts: service.starts }).toEqual({ alive: true, starts: 0 });
  });
});

describe.skipIf(!canMount())('a /proc that shows less (needs root that may mount)', () => {
  /** In namespaces of their own: the service as root, and sipwd as nobody. */
  const hidden = (hidepid: number) => {
    const script = `mount -t proc -o hidepid=${hidepid} proc /proc || exit 90
      "$BINFILE" 1000 & echo $! >"$PIDFILE"
      [ -z "$GONE" ] || echo "$GONE" >"$PIDFILE"
      setpriv --reuid=65534 --regid=65534 --clear-groups -- "$@"; status=$?
      read -r pid name state rest </proc/$!/stat; [ "$state" = S ] || exit 91
      exit $status`;
    return ['unshare', '--mount', '--pid', '--fork', '--kill-child', '/bin/sh', '-c', script, 'sh'];
  };
  const environment = (service: TestService, gone = '') => {
    return { env: { BINFILE: service.binfile, PIDFILE: service.pidfile, GONE: gone } };
  };

  test.each([
    [1, /PID \d+ .*\/proc\/\d+\/stat cannot be read: EPERM/],
    [2, /PID \d+ exists, but is hidden from \/proc \(hidepid\)/],
  ])('when hidepid=%d hides a process, it exists: exit 5, and nothing is started', async (hidepid, why) => {
    const service = openService();
    const run = await sipwd(service.args, environment(service), hidden(hidepid));
    expect(run).toMatchObject({ status: 5, said: [expect.stringMatching(why)] });
    expect(service.starts).toBe(0);
  });

  test('when hidepid=2 is set and there is no such process, it is gone', async () => {
    const service = openService();
    const args = ['--exit-if-down', ...service.args];
    const run = await sipwd(args, environment(service, String(NO_PID)), hidden(2));
    expect(run).toMatchObject({ status: 1 });
    expect(run.said[0]).toBe(`${service.binfile} is down: PID ${NO_PID} is no process`);
  });

  test('when /proc is not procfs, that is said in one line: exit 1, and nothing is started', async () => {
    const service = openService();
    const { pid } = start(service.binfile, ['1000']);
    service.writePids(pid);
    const through = ['unshare', '--mount', '/bin/sh', '-c', 'mount -t tmpfs none /proc && exec "$@"', 'sh'];
    expect(await sipwd(service.args, {}, through)).toMatchObject({
      status: 1,
      said: ['/proc is not procfs, so no process can be checked; mount it: mount -t proc proc /proc'],
    });
    expect({ alive: isAlive(pid), starts: service.starts }).toEqual({ alive: true, starts: 0 });
  });
});
