import { rmSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { isAlive, NO_PID, start, startAs } from '../support/process.ts';
import { testService } from '../support/service.ts';
import { sipwd } from '../support/sipwd.ts';

describe('the runfile', () => {
  test('when it is absent, sipwd exits 0 in silence and looks at nothing else', async () => {
    const service = testService();
    rmSync(service.runfile);
    writeFileSync(service.pidfile, 'not a pid');
    const run = await sipwd(service.args);
    expect(run).toMatchObject({ status: 0, stdout: '', stderr: '' });
    expect(service.starts).toBe(0);
  });

  test('when a part of its path is no folder, it counts as absent', async () => {
    const service = testService();
    const [, ...rest] = service.args;
    const run = await sipwd([`${service.binfile}/runs`, ...rest]);
    expect(run).toMatchObject({ status: 0, stderr: '' });
  });

  test('when it cannot be looked at, that is not absence: exit 5, and nothing is started', async () => {
    const service = testService();
    const [, ...rest] = service.args;
    const loop = service.path('loop');
    const { symlinkSync } = await import('node:fs');
    symlinkSync(loop, loop);
    const run = await sipwd([loop, ...rest]);
    expect(run.status).toBe(5);
    expect(run.said).toEqual([
      expect.stringMatching(/^cannot look at the runfile .*loop: too many symbolic links .*\(ELOOP\)/),
    ]);
    expect(service.starts).toBe(0);
  });
});

describe('the check', () => {
  test('when all PIDs run, sipwd exits 0 in silence', async () => {
    const service = testService();
    service.writePids(start(service.binfile, ['1000']).pid, start(service.binfile, ['1000']).pid);
    const run = await sipwd(service.args);
    expect(run).toMatchObject({ status: 0, stdout: '', stderr: '' });
    expect(service.starts).toBe(0);
  });

  test('when there is no pidfile, the service is started, and its PID and the time it took are said', async () => {
    const service = testService();
    const run = await sipwd(service.args);
    expect(run.status).toBe(0);
    expect(run.said).toEqual([
      `${service.binfile} is down: there is no pidfile ${service.pidfile}`,
      `starting ${service.binfile}: ${service.command}`,
      expect.stringMatching(new RegExp(`^started ${service.binfile}: PID ${service.pids[0]} after \\d+\\.\\d\\d s$`)),
    ]);
    expect(service.starts).toBe(1);
    expect(isAlive(service.pids[0] ?? 0)).toBe(true);
  });
});

describe('the clean-up', () => {
  test('when some PIDs run and some do not, those that run get SIGTERM before the start', async () => {
    const service = testService();
    const left = await startAs(`exec ${service.binfile} 1000`, service.name);
    service.writePids(left, NO_PID);
    const run = await sipwd(service.args);
    expect(run.status).toBe(0);
    expect(run.said.slice(0, 2)).toEqual([
      `${service.binfile} is down: PID ${NO_PID} is no process`,
      `sent SIGTERM and SIGCONT to PID ${left} (${service.binfile})`,
    ]);
    expect(isAlive(left)).toBe(false);
    expect(service.starts).toBe(1);
  });
});
