import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { messages } from '../../../src/log/messages.ts';
import { because } from '../../../src/log/reasons.ts';
import { canFreeze, FREEZER, whileStuck } from '../../support/freezer.ts';
import { lineOf, sent, TERM } from '../../support/messages.ts';
import { isAlive, NO_PID, startSleeper } from '../../support/process.ts';
import { type TestService, testService } from '../../support/service.ts';
import { sipwd } from '../../support/sipwd.ts';
import { AS_NOBODY, isRoot, NOBODY, publicProgram } from '../../support/user.ts';

/** A service in a directory of that user, who can read and write all that sipwd needs there. */
function serviceOfNobody(): TestService {
  const service = testService();
  service.give(NOBODY);
  return service;
}

function sipwdAsNobody(args: readonly string[]) {
  return sipwd(args, AS_NOBODY, publicProgram());
}

/** The line of a run that cannot signal a process. */
function notAllowed({ name }: TestService, pid: number): string {
  return lineOf(messages.notStopped(`PID ${pid} ${because.mayNotBeSignalled()}`), name);
}

describe.skipIf(!isRoot)('a process that may not be signalled (needs root)', () => {
  test('when one of two may not be signalled, neither is, and nothing is started: ERR, exit 4', async () => {
    const service = serviceOfNobody();
    const own = await startSleeper(service.binfile, ':', AS_NOBODY);
    const roots = await startSleeper(service.binfile);
    service.writePids(own, roots, NO_PID);
    const run = await sipwdAsNobody(service.args);
    expect(run.status).toBe(4);
    expect(run.said.slice(1)).toEqual([notAllowed(service, roots)]);
    expect([isAlive(own), isAlive(roots)]).toEqual([true, true]);
    expect(service.starts).toBe(0);
  });

  test('when a forced restart is ordered, nothing is done, and the force-restart file stays: ERR, exit 4', async () => {
    const service = serviceOfNobody();
    const roots = await startSleeper(service.binfile);
    service.writePids(roots);
    service.write('svc.force', '');
    const run = await sipwdAsNobody(service.args);
    expect(run.status).toBe(4);
    expect(run.said).toEqual([notAllowed(service, roots)]);
    expect(existsSync(service.forceFile)).toBe(true);
    expect(isAlive(roots)).toBe(true);
    expect(service.starts).toBe(0);
  });

  test('when the caller starts the service itself (-e), exit 4 keeps it from doing so', async () => {
    const service = serviceOfNobody();
    const roots = await startSleeper(service.binfile);
    service.writePids(roots, NO_PID);
    const run = await sipwdAsNobody(['-e', ...service.args]);
    expect(run.status).toBe(4);
    expect(isAlive(roots)).toBe(true);
  });

  test('when all PIDs run, the service is healthy', async () => {
    const service = serviceOfNobody();
    service.writePids(await startSleeper(service.binfile));
    expect(await sipwdAsNobody(service.args)).toMatchObject({ status: 0, stdout: '', stderr: '' });
  });
});

describe.skipIf(!canFreeze)(`an uninterruptible sleep (needs ${FREEZER})`, () => {
  test('when a process still exists 5 s after SIGKILL, nothing is started: ERR, exit 4', async () => {
    const service = testService();
    await whileStuck(service, async (stuck) => {
      service.writePids(stuck, NO_PID);
      const run = await sipwd(['--term-timeout', '0.2', ...service.args]);
      expect(run.status).toBe(4);
      expect(run.said.slice(1)).toEqual([
        ...sent(TERM, service, [stuck]),
        ...sent('SIGKILL', service, [stuck]),
        lineOf(messages.notStopped(`PID ${stuck} ${because.unkillable(5)}`), service.name),
      ]);
      expect(run.ms).toBeGreaterThan(5200);
      expect(run.ms).toBeLessThan(15_000);
    });
    expect(service.starts).toBe(0);
  });
});
