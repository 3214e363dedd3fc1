import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { isAlive, NO_PID, startSleeper } from '../support/process.ts';
import { testService } from '../support/service.ts';
import { sipwd } from '../support/sipwd.ts';

describe.each(['-e', '--exit-if-down'])('with %s', (option) => {
  test('when the service is healthy, sipwd exits 0 in silence', async () => {
    const service = testService();
    const pid = await startSleeper(service.binfile);
    service.writePids(pid);
    expect(await sipwd([option, ...service.args])).toMatchObject({ status: 0, stdout: '', stderr: '' });
    expect(isAlive(pid)).toBe(true);
  });

  test('when the service is down, it exits 1 and does not start it', async () => {
    const service = testService();
    const run = await sipwd([option, ...service.args]);
    expect(run.status).toBe(1);
    expect(run.said).toEqual([
      `${service.binfile} is down: there is no pidfile ${service.pidfile}`,
      `${service.binfile} needs a start; not started, because of --exit-if-down`,
    ]);
    expect(service.starts).toBe(0);
  });

  test('when a part of the service runs, it is ended first; then exit 1', async () => {
    const service = testService();
    const deaf = await startSleeper(service.binfile, "trap '' TERM");
    service.writePids(deaf, NO_PID);
    const run = await sipwd([option, '--term-timeout', '0.2', ...service.args]);
    expect(run.status).toBe(1);
    expect(run.said.filter((line) => line.startsWith('sent '))).toEqual([
      `sent SIGTERM and SIGCONT to PID ${deaf} (${service.binfile})`,
      `sent SIGKILL to PID ${deaf} (${service.binfile})`,
    ]);
    expect(isAlive(deaf)).toBe(false);
    expect(service.starts).toBe(0);
  });

  test('when a restart is ordered, the service is aborted; then exit 1', async () => {
    const service = testService();
    const pid = await startSleeper(service.binfile);
    service.writePids(pid);
    writeFileSync(service.forceFile, '');
    const run = await sipwd([option, ...service.args]);
    expect(run.status).toBe(1);
    expect(run.said).toContain(`sent SIGABRT and SIGCONT to PID ${pid} (${service.binfile})`);
    expect(existsSync(service.forceFile)).toBe(false);
    expect(isAlive(pid)).toBe(false);
    expect(service.starts).toBe(0);
  });

  test('when the service is not meant to run, it exits 0, for no start is needed', async () => {
    const service = testService();
    rmSync(service.runfile);
    expect(await sipwd([option, ...service.args])).toMatchObject({ status: 0, stderr: '' });
  });
});
