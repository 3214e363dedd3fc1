import { chmodSync, realpathSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { isAlive, start, startRenamed } from '../support/process.ts';
import { type TestService, testService } from '../support/service.ts';
import { PROGRAM, sipwd } from '../support/sipwd.ts';
import { isRoot, NOBODY, publicProgram } from '../support/user.ts';

const HEALTHY = { status: 0, stdout: '', stderr: '' };
const SHELL = realpathSync('/bin/sh');
const NO_PID = 4_194_303;
const AS_NOBODY = { uid: NOBODY, gid: NOBODY };

/** setpriv(1): root as it is in a container. */
const WITHOUT_PTRACE = ['setpriv', '--bounding-set', '-sys_ptrace', '--', PROGRAM];

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

describe.skipIf(!isRoot)("another user's process (needs root)", () => {
  test('when comm is the name of the binary, it is running', async () => {
    const service = openService();
    service.writePids(start(service.binfile, ['1000'], { argv0: 'masked: idle' }).pid);
    expect(await sipwd(service.args, AS_NOBODY, publicProgram())).toMatchObject(HEALTHY);
  });

  test('when comm is the first 15 bytes of a longer name, it is running', async () => {
    const service = openService();
    const binfile = service.copy(service.binfile, `${service.name}-with-a-long-name`);
    service.writePids(start(binfile, ['1000'], { argv0: 'masked: idle' }).pid);
    const run = await sipwd([service.runfile, binfile, service.pidfile, service.command], AS_NOBODY, publicProgram());
    expect(run).toMatchObject(HEALTHY);
  });

  test('when argv[0] is the name of the binary, it is running', async () => {
    const service = openService();
    service.writePids(await startRenamed(service.copy(SHELL, service.name), 'masked'));
    expect(await sipwd(service.args, AS_NOBODY, publicProgram())).toMatchObject(HEALTHY);
  });

  test('when nothing proves it, that is not gone: exit 5, and nothing is signalled or started', async () => {
    const service = openService();
    const pid = await startMasked(service);
    service.writePids(pid);
    const run = await sipwd(service.args, AS_NOBODY, publicProgram());
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
    expect(await sipwd(service.args, AS_NOBODY, publicProgram())).toMatchObject({
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
    expect(await sipwd(service.args, AS_NOBODY, publicProgram())).toMatchObject({
      status: 5,
      said: [expect.stringMatching('cannot tell')],
    });
    expect({ alive: isAlive(masked), starts: service.starts }).toEqual({ alive: true, starts: 0 });
  });
});

describe.skipIf(!isRoot)('root without CAP_SYS_PTRACE, as in a container (needs root)', () => {
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
