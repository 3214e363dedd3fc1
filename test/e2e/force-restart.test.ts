import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { canFixInPlace, fixedInPlace } from '../support/immutable.ts';
import { isAlive, NO_PID, startSleeper, stateOf } from '../support/process.ts';
import { type TestService, testService } from '../support/service.ts';
import { sipwd } from '../support/sipwd.ts';
import { notesIn, startTrapping } from '../support/traps.ts';
import { until } from '../support/wait.ts';

/** A service that runs, with one process. */
async function healthy(before?: string): Promise<{ service: TestService; pid: number }> {
  const service = testService();
  const pid = await startSleeper(service.binfile, before);
  service.writePids(pid);
  return { service, pid };
}

describe('an order to restart', () => {
  test('when the file is there, each PID gets SIGABRT, the file is gone, and the service is started', async () => {
    const { service, pid } = await healthy();
    const second = await startSleeper(service.binfile);
    service.writePids(pid, second);
    writeFileSync(service.forceFile, '');
    const run = await sipwd(service.args);
    expect(run.status).toBe(0);
    expect(run.said.slice(0, 4)).toEqual([
      `restarting ${service.binfile}: there was ${service.forceFile}, which is removed`,
      `sent SIGABRT and SIGCONT to PID ${pid} (${service.binfile})`,
      `sent SIGABRT and SIGCONT to PID ${second} (${service.binfile})`,
      `starting ${service.binfile}: ${service.command}`,
    ]);
    expect(existsSync(service.forceFile)).toBe(false);
    expect([isAlive(pid), isAlive(second)]).toEqual([false, false]);
    expect(service.starts).toBe(1);
  });

  test('when the signal comes, the file has been removed already', async () => {
    const service = testService();
    const notes = service.path('notes');
    const look = `trap '[ -e ${service.forceFile} ] && echo there >>${notes} || echo removed >>${notes}; exit' ABRT`;
    service.writePids(await startTrapping(service.binfile, look));
    writeFileSync(service.forceFile, '');
    expect(await sipwd(service.args)).toMatchObject({ status: 0 });
    expect(notesIn(notes)).toEqual(['removed']);
  });

  test('when a process ignores SIGABRT, it gets SIGKILL after the abort timeout and not before', async () => {
    const { service, pid } = await healthy("trap '' ABRT");
    writeFileSync(service.forceFile, '');
    const run = await sipwd(['--abort-timeout', '0.5', ...service.args]);
    expect(run.status).toBe(0);
    expect(run.said.slice(1, 3)).toEqual([
      `sent SIGABRT and SIGCONT to PID ${pid} (${service.binfile})`,
      `sent SIGKILL to PID ${pid} (${service.binfile})`,
    ]);
    expect(run.ms).toBeGreaterThan(500);
    expect(isAlive(pid)).toBe(false);
    expect(service.starts).toBe(1);
  });

  test('when a process is stopped, it still ends by SIGABRT and needs no SIGKILL', async () => {
    const { service, pid } = await healthy();
    process.kill(pid, 'SIGSTOP');
    await until(`${pid} is stopped`, () => stateOf(pid) === 'T');
    writeFileSync(service.forceFile, '');
    const run = await sipwd(['--abort-timeout', '5', ...service.args]);
    expect(run.status).toBe(0);
    expect(run.said.join()).not.toContain('SIGKILL');
    expect(service.starts).toBe(1);
  });

  test('when a part of the service has gone, the rest gets SIGABRT and no SIGTERM', async () => {
    const { service, pid } = await healthy();
    service.writePids(pid, NO_PID);
    writeFileSync(service.forceFile, '');
    const run = await sipwd(service.args);
    expect(run.status).toBe(0);
    expect(run.said.filter((line) => line.startsWith('sent '))).toEqual([
      `sent SIGABRT and SIGCONT to PID ${pid} (${service.binfile})`,
    ]);
    expect(service.starts).toBe(1);
  });

  test('when the service is down, the file is removed, and the service is started', async () => {
    const service = testService();
    writeFileSync(service.forceFile, '');
    const run = await sipwd(service.args);
    expect(run.status).toBe(0);
    expect(existsSync(service.forceFile)).toBe(false);
    expect(service.starts).toBe(1);
  });
});

describe('no order to restart', () => {
  test('when the file is absent, or in a folder that is absent, a healthy service is left in peace', async () => {
    const { service, pid } = await healthy();
    const plain = service.args.slice(0, 4);
    for (const absent of [service.forceFile, service.path('no/file'), `${service.pidfile}/file`]) {
      expect(await sipwd([...plain, absent])).toMatchObject({ status: 0, stdout: '', stderr: '' });
    }
    expect(isAlive(pid)).toBe(true);
    expect(service.starts).toBe(0);
  });

  test('when the argument is not given, a file that could be meant is left in peace', async () => {
    const { service, pid } = await healthy();
    writeFileSync(service.forceFile, '');
    expect(await sipwd(service.args.slice(0, 4))).toMatchObject({ status: 0, stdout: '', stderr: '' });
    expect(existsSync(service.forceFile)).toBe(true);
    expect(isAlive(pid)).toBe(true);
  });

  test.each([
    ['a folder', (path: string) => mkdirSync(path)],
    ['a symlink to a regular file', (path: string) => symlinkSync('/etc/passwd', path)],
    ['a FIFO', (path: string) => execFileSync('mkfifo', [path])],
  ])('when there is %s, that is a warning, and a healthy service is left in peace', async (_, make) => {
    const { service, pid } = await healthy();
    make(service.forceFile);
    const run = await sipwd(service.args, { env: { SIPLOG_BEND: 'json' } });
    expect(run.status).toBe(0);
    const msg = `ignored the force-restart file ${service.forceFile}: it is not a regular file`;
    expect(run.said.map((line) => JSON.parse(line))).toEqual([expect.objectContaining({ level: 40, msg })]);
    expect(isAlive(pid)).toBe(true);
    expect(existsSync(service.forceFile)).toBe(true);
    expect(service.starts).toBe(0);
  });
});

describe.skipIf(!canFixInPlace)(
  'an order that cannot be removed (needs root and chattr +i on the temporary folder)',
  () => {
    test('when the service is healthy, that is an error, and nothing is killed: exit 4', async () => {
      const { service, pid } = await healthy();
      writeFileSync(service.forceFile, '');
      const run = await fixedInPlace(service.forceFile, () => sipwd(service.args, { env: { SIPLOG_BEND: 'json' } }));
      expect(run.status).toBe(4);
      const msg = expect.stringContaining(`cannot remove the force-restart file ${service.forceFile}: `);
      expect(run.said.map((line) => JSON.parse(line))).toEqual([expect.objectContaining({ level: 50, msg })]);
      expect(isAlive(pid)).toBe(true);
      expect(service.starts).toBe(0);
    });

    test('when the service is down, it is started all the same, and the exit status is not 0', async () => {
      const { service, pid } = await healthy();
      service.writePids(pid, NO_PID);
      writeFileSync(service.forceFile, '');
      const run = await fixedInPlace(service.forceFile, () => sipwd(service.args));
      expect(run.status).toBe(4);
      expect(run.said.join('\n')).toContain('cannot remove the force-restart file');
      expect(run.said).toContain(`sent SIGTERM and SIGCONT to PID ${pid} (${service.binfile})`);
      expect(run.said.join('\n')).not.toContain('SIGABRT');
      expect(service.starts).toBe(1);
    });
  },
);
