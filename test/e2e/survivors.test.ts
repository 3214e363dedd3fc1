import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { canFreeze, whileFrozen } from '../support/freezer.ts';
import { isAlive, NO_PID, startSleeper } from '../support/process.ts';
import { type TestService, testService } from '../support/service.ts';
import { sipwd } from '../support/sipwd.ts';
import { isRoot, NOBODY, publicProgram } from '../support/user.ts';

const AS_NOBODY = { uid: NOBODY, gid: NOBODY };

/** A service in a folder of that user, who can so read and write all that sipwd needs. */
function serviceOfNobody(): TestService {
  const service = testService();
  service.give(NOBODY);
  return service;
}

function sipwdAsNobody(args: readonly string[], service: TestService) {
  const env = { XDG_RUNTIME_DIR: service.dir, SIPLOG_BEND: 'json' };
  return sipwd(args, { ...AS_NOBODY, env }, publicProgram());
}

describe.skipIf(!isRoot)('a process that may not be signalled (needs root)', () => {
  test('when one of two may not be, none is, and nothing is started: ERR, exit 4', async () => {
    const service = serviceOfNobody();
    const own = await startSleeper(service.binfile, ':', AS_NOBODY);
    const roots = await startSleeper(service.binfile);
    service.writePids(own, roots, NO_PID);
    const run = await sipwdAsNobody(service.args, service);
    expect(run.status).toBe(4);
    expect(run.said.slice(1).map((line) => JSON.parse(line))).toEqual([
      expect.objectContaining({
        level: 50,
        msg: `cannot end what is left of ${service.binfile}, so it was not started: PID ${roots} may not be signalled by uid ${NOBODY}`,
      }),
    ]);
    expect([isAlive(own), isAlive(roots)]).toEqual([true, true]);
    expect(service.starts).toBe(0);
  });

  test('when a restart is ordered, the same holds', async () => {
    const service = serviceOfNobody();
    const roots = await startSleeper(service.binfile);
    service.writePids(roots);
    service.write('svc.force', '');
    const run = await sipwdAsNobody(service.args, service);
    expect(run.status).toBe(4);
    expect(existsSync(service.forceFile)).toBe(false);
    expect(isAlive(roots)).toBe(true);
    expect(service.starts).toBe(0);
  });

  test('when the caller starts the service itself (-e), exit 4 tells it not to', async () => {
    const service = serviceOfNobody();
    const roots = await startSleeper(service.binfile);
    service.writePids(roots, NO_PID);
    const run = await sipwdAsNobody(['-e', ...service.args], service);
    expect(run.status).toBe(4);
    expect(isAlive(roots)).toBe(true);
  });

  test('when all of the service runs, it is healthy all the same', async () => {
    const service = serviceOfNobody();
    service.writePids(await startSleeper(service.binfile));
    expect(await sipwdAsNobody(service.args, service)).toMatchObject({ status: 0, stdout: '', stderr: '' });
  });
});

describe.skipIf(!canFreeze)('an uninterruptible sleep (needs root and the freezer of cgroup v1)', () => {
  test('when a process outlasts SIGKILL by 5 s, nothing is started over it: ERR, exit 4', async () => {
    const service = testService();
    const stuck = await startSleeper(service.binfile);
    service.writePids(stuck, NO_PID);
    const run = await whileFrozen(stuck, () =>
      sipwd(['--term-timeout', '0.2', ...service.args], { env: { SIPLOG_BEND: 'json' } }),
    );
    expect(run.status).toBe(4);
    expect(run.said.slice(1).map((line) => JSON.parse(line))).toEqual([
      expect.objectContaining({ msg: `sent SIGTERM and SIGCONT to PID ${stuck} (${service.binfile})` }),
      expect.objectContaining({ msg: `sent SIGKILL to PID ${stuck} (${service.binfile})` }),
      expect.objectContaining({
        level: 50,
        msg: `cannot end what is left of ${service.binfile}, so it was not started: PID ${stuck} is still there 5 s after SIGKILL`,
      }),
    ]);
    expect(run.ms).toBeGreaterThan(5200);
    expect(run.ms).toBeLessThan(15_000);
    expect(service.starts).toBe(0);
  });
});
