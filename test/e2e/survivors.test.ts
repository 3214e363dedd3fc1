import { spawnSync } from 'node:child_process';
import { chownSync, existsSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { canFreeze, whileFrozen } from '../support/freezer.ts';
import { isAlive, NO_PID, startSleeper } from '../support/process.ts';
import { type TestService, testService } from '../support/service.ts';
import { PROGRAM, sipwd } from '../support/sipwd.ts';

/** nobody: any user without rights does */
const USER = 65_534;

const AS_USER = { uid: USER, gid: USER };

const canChangeUser = process.getuid?.() === 0 && spawnSync(PROGRAM, ['--version'], AS_USER).status === 0;

/** A service in a folder of the user's. */
function userService(): TestService {
  const service = testService();
  chownSync(service.dir, USER, USER);
  return service;
}

/** Runs the program as the user. */
function sipwdAsUser(args: readonly string[], service: TestService) {
  return sipwd(args, { ...AS_USER, env: { XDG_RUNTIME_DIR: service.dir, SIPLOG_BEND: 'json' } });
}

describe.skipIf(!canChangeUser)(
  'a process that may not be signalled (needs root, and a program that others can run)',
  () => {
    test('when one of two may not be, none is, and nothing is started: ERR, exit 4', async () => {
      const service = userService();
      const own = await startSleeper(service.binfile, ':', AS_USER);
      const roots = await startSleeper(service.binfile);
      service.writePids(own, roots, NO_PID);
      const run = await sipwdAsUser(service.args, service);
      expect(run.status).toBe(4);
      expect(run.said.slice(1).map((line) => JSON.parse(line))).toEqual([
        expect.objectContaining({
          level: 50,
          msg: `cannot end what is left of ${service.binfile}, so it was not started: PID ${roots} may not be signalled by uid ${USER}`,
        }),
      ]);
      expect([isAlive(own), isAlive(roots)]).toEqual([true, true]);
      expect(service.starts).toBe(0);
    });

    test('when a restart is ordered, the same holds', async () => {
      const service = userService();
      const roots = await startSleeper(service.binfile);
      service.writePids(roots);
      writeFileSync(service.forceFile, '');
      const run = await sipwdAsUser(service.args, service);
      expect(run.status).toBe(4);
      expect(existsSync(service.forceFile)).toBe(false);
      expect(isAlive(roots)).toBe(true);
      expect(service.starts).toBe(0);
    });

    test('when the caller starts the service itself (-e), exit 4 tells it not to', async () => {
      const service = userService();
      const roots = await startSleeper(service.binfile);
      service.writePids(roots, NO_PID);
      const run = await sipwdAsUser(['-e', ...service.args], service);
      expect(run.status).toBe(4);
      expect(isAlive(roots)).toBe(true);
    });

    test('when all of the service runs, it is healthy all the same', async () => {
      const service = userService();
      service.writePids(await startSleeper(service.binfile));
      expect(await sipwdAsUser(service.args, service)).toMatchObject({ status: 0, stdout: '', stderr: '' });
    });
  },
);

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
    expect(service.starts).toBe(0);
  });
});
