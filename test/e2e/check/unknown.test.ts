import { describe, expect, test } from 'vitest';
import { messages } from '../../../src/log/messages.ts';
import { because } from '../../../src/log/reasons.ts';
import { lineOf } from '../../support/messages.ts';
import { isAlive, NO_PID, start, startRenamed } from '../../support/process.ts';
import { openService, type TestService } from '../../support/service.ts';
import { PROGRAM, QUIET, type Run, sipwd } from '../../support/sipwd.ts';
import { AS_NOBODY, isRoot, publicProgram } from '../../support/user.ts';

/** setpriv(1): root as it is in a container. */
const WITHOUT_PTRACE = ['setpriv', '--bounding-set', '-sys_ptrace', '--', PROGRAM];

/** A process whose comm and argv[0] do not match. */
function startMasked(service: TestService, options = {}): Promise<number> {
  return startRenamed(service.copy('/bin/sh', service.name), 'masked', { argv0: 'masked: idle', ...options });
}

/** That only the masked process is named, that no process was signalled, and that there was no start. */
function expectUnknown({ status, said }: Run, service: TestService, masked: number): void {
  const reason = because.exeNotReadable('masked', masked, 'EACCES');
  expect({ status, said }).toEqual({
    status: 5,
    said: [lineOf(messages.cannotTell(`PID ${masked} ${reason}`), service.name)],
  });
  expect({ alive: isAlive(masked), starts: service.starts }).toEqual({ alive: true, starts: 0 });
}

describe.skipIf(!isRoot)("another user's process (needs root)", () => {
  test('when comm is the name of the binary, it is running', async () => {
    const service = openService();
    service.writePids(start(service.binfile, ['1000'], { argv0: 'masked: idle' }).pid);
    expect(await sipwd(service.args, AS_NOBODY, publicProgram())).toMatchObject(QUIET);
  });

  test('when comm is the first 15 bytes of a longer name, it is running', async () => {
    const service = openService();
    const binfile = service.copy(service.binfile, `${service.name}-with-a-long-name`);
    service.writePids(start(binfile, ['1000'], { argv0: 'masked: idle' }).pid);
    expect(await sipwd(service.args.with(1, binfile), AS_NOBODY, publicProgram())).toMatchObject(QUIET);
  });

  test('when argv[0] is the name of the binary, it is running', async () => {
    const service = openService();
    service.writePids(await startRenamed(service.copy('/bin/sh', service.name), 'masked'));
    expect(await sipwd(service.args, AS_NOBODY, publicProgram())).toMatchObject(QUIET);
  });

  test('when nothing matches, it is unknown: exit 5, and nothing is signalled or started', async () => {
    const service = openService();
    const masked = await startMasked(service);
    service.writePids(masked);
    expectUnknown(await sipwd(service.args, AS_NOBODY, publicProgram()), service, masked);
  });

  test('when it is unknown and another PID runs, which sipwd may signal, that PID is not signalled', async () => {
    const service = openService();
    const masked = await startMasked(service);
    const own = start(service.binfile, ['-c', 'read -r line'], { ...AS_NOBODY, stdio: 'pipe' }).pid;
    service.writePids(own, masked);
    expectUnknown(await sipwd(service.args, AS_NOBODY, publicProgram()), service, masked);
    expect(isAlive(own)).toBe(true);
  });

  test('when it is unknown and another PID is gone, the service is not started', async () => {
    const service = openService();
    const masked = await startMasked(service);
    service.writePids(NO_PID, masked);
    expectUnknown(await sipwd(service.args, AS_NOBODY, publicProgram()), service, masked);
  });
});

describe.skipIf(!isRoot)('root without CAP_SYS_PTRACE, as in a container (needs root)', () => {
  test("when another user's process has the name of the binary in comm, it is running", async () => {
    const service = openService();
    service.writePids(start(service.binfile, ['1000'], { argv0: 'masked: idle', ...AS_NOBODY }).pid);
    expect(await sipwd(service.args, {}, WITHOUT_PTRACE)).toMatchObject(QUIET);
  });

  test('when nothing matches, it is unknown: exit 5, and nothing is signalled or started', async () => {
    const service = openService();
    const masked = await startMasked(service, AS_NOBODY);
    service.writePids(masked);
    expectUnknown(await sipwd(service.args, {}, WITHOUT_PTRACE), service, masked);
  });
});
