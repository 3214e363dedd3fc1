import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { messages } from '../../../src/log/messages.ts';
import { problem } from '../../../src/log/reasons.ts';
import { canFixInPlace, fixedInPlace } from '../../support/immutable.ts';
import { ABRT, lineOf, sent, TERM } from '../../support/messages.ts';
import { isAlive, NO_PID, startSleeper, stateOf } from '../../support/process.ts';
import { type TestService, testService } from '../../support/service.ts';
import { sipwd } from '../../support/sipwd.ts';
import { notesIn, startTrapping } from '../../support/traps.ts';
import { until } from '../../support/wait.ts';

/** A service that runs, with one process. */
async function healthy(before?: string): Promise<{ service: TestService; pid: number }> {
  const service = testService();
  const pid = await startSleeper(service.binfile, before);
  service.writePids(pid);
  return { service, pid };
}

describe('a force-restart file', () => {
  test('when it is present, it is removed, each PID gets SIGABRT, and the service is started', async () => {
    const { service, pid } = await healthy();
    const second = await startSleeper(service.binfile);
    service.writePids(pid, second);
    writeFileSync(service.forceFile, '');
    const run = await sipwd(service.args);
    expect(run.status).toBe(0);
    expect(run.said.slice(0, -1)).toEqual([
      lineOf(messages.forcedRestart(service.forceFile), service.name),
      ...sent(ABRT, service, [pid, second]),
      lineOf(messages.starting(service.command), service.name),
    ]);
    expect(run.events.at(-1)).toBe('started');
    expect(existsSync(service.forceFile)).toBe(false);
    expect([isAlive(pid), isAlive(second)]).toEqual([false, false]);
    expect(service.starts).toBe(1);
  });

  test('when the signal is sent, the file has been removed already', async () => {
    const service = testService();
    const notes = service.path('notes');
    const note = `trap '[ -e ${service.forceFile} ] && echo there >>${notes} || echo removed >>${notes}; exit' ABRT`;
    service.writePids(await startTrapping(service.binfile, note));
    writeFileSync(service.forceFile, '');
    expect(await sipwd(service.args)).toMatchObject({ status: 0 });
    expect(notesIn(notes)).toEqual(['removed']);
  });

  test('when a process ignores SIGABRT, it gets SIGKILL after the abort timeout and not before', async () => {
    const { service, pid } = await healthy("trap '' ABRT");
    writeFileSync(service.forceFile, '');
    const run = await sipwd(['--abort-timeout', '0.5', ...service.args]);
    expect(run.status).toBe(0);
    expect(run.linesOf('sent')).toEqual([...sent(ABRT, service, [pid]), ...sent('SIGKILL', service, [pid])]);
    expect(run.ms).toBeGreaterThan(500);
    expect(isAlive(pid)).toBe(false);
    expect(service.starts).toBe(1);
  });

  test('when a process is stopped, it is killed by SIGABRT and needs no SIGKILL', async () => {
    const { service, pid } = await healthy();
    process.kill(pid, 'SIGSTOP');
    await until(`${pid} is stopped`, () => stateOf(pid) === 'T');
    writeFileSync(service.forceFile, '');
    const run = await sipwd(['--abort-timeout', '5', ...service.args]);
    expect(run.status).toBe(0);
    expect(run.linesOf('sent')).toEqual(sent(ABRT, service, [pid]));
    expect(service.starts).toBe(1);
  });

  test('when a part of the service is gone, the rest gets SIGABRT and no SIGTERM', async () => {
    const { service, pid } = await healthy();
    service.writePids(pid, NO_PID);
    writeFileSync(service.forceFile, '');
    const run = await sipwd(service.args);
    expect(run.status).toBe(0);
    expect(run.linesOf('sent')).toEqual(sent(ABRT, service, [pid]));
    expect(service.starts).toBe(1);
  });

  test('when the service is down, the file is removed, and the service is started', async () => {
    const service = testService();
    writeFileSync(service.forceFile, '');
    const run = await sipwd(service.args);
    expect(run.status).toBe(0);
    expect(run.events).toEqual(['down', 'forcedRestart', 'starting', 'started']);
    expect(existsSync(service.forceFile)).toBe(false);
    expect(service.starts).toBe(1);
  });
});

describe('no forced restart', () => {
  test('when the file is absent, or in a directory that is absent, nothing happens to a healthy service', async () => {
    const { service, pid } = await healthy();
    for (const absent of [service.forceFile, service.path('no/file'), `${service.pidfile}/file`]) {
      expect(await sipwd(service.args.with(4, absent))).toMatchObject({ status: 0, stdout: '', stderr: '' });
    }
    expect(isAlive(pid)).toBe(true);
    expect(service.starts).toBe(0);
  });

  test('when the argument is not given, a file of that name has no effect', async () => {
    const { service, pid } = await healthy();
    writeFileSync(service.forceFile, '');
    expect(await sipwd(service.args.slice(0, 4))).toMatchObject({ status: 0, stdout: '', stderr: '' });
    expect(existsSync(service.forceFile)).toBe(true);
    expect(isAlive(pid)).toBe(true);
  });

  test.each([
    ['a directory', (path: string) => mkdirSync(path)],
    ['a symlink to a regular file', (path: string) => symlinkSync('/etc/passwd', path)],
    ['a FIFO', (path: string) => execFileSync('mkfifo', [path])],
  ])('when the file is %s, it is ignored with a warning, and nothing happens to a healthy service', async (_, make) => {
    const { service, pid } = await healthy();
    make(service.forceFile);
    const run = await sipwd(service.args);
    expect(run.status).toBe(0);
    const ignored = messages.forceFileIgnored(service.forceFile, problem.notRegular());
    expect(run.said).toEqual([lineOf(ignored, service.name)]);
    expect(isAlive(pid)).toBe(true);
    expect(existsSync(service.forceFile)).toBe(true);
    expect(service.starts).toBe(0);
  });
});

describe.skipIf(!canFixInPlace)(
  'a force-restart file that cannot be removed (needs root and chattr +i on the temporary directory)',
  () => {
    test('when the service is healthy, that is an error, and nothing is killed: exit 4', async () => {
      const { service, pid } = await healthy();
      writeFileSync(service.forceFile, '');
      const run = await fixedInPlace(service.forceFile, () => sipwd(service.args));
      expect(run.status).toBe(4);
      const reason = 'operation not permitted (EPERM)';
      expect(run.said).toEqual(
        [messages.forcedRestart(service.forceFile), messages.forceFileStays(service.forceFile, reason)].map((message) =>
          lineOf(message, service.name),
        ),
      );
      expect(isAlive(pid)).toBe(true);
      expect(service.starts).toBe(0);
    });

    test('when the service is down, it is cleaned up without SIGABRT and started: exit 4', async () => {
      const { service, pid } = await healthy();
      service.writePids(pid, NO_PID);
      writeFileSync(service.forceFile, '');
      const run = await fixedInPlace(service.forceFile, () => sipwd(service.args));
      expect(run.status).toBe(4);
      expect(run.events).toEqual(['down', 'forcedRestart', 'forceFileStays', 'sent', 'starting', 'started']);
      expect(run.linesOf('sent')).toEqual(sent(TERM, service, [pid]));
      expect(service.starts).toBe(1);
    });
  },
);
