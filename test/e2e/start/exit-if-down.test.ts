import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { messages } from '../../../src/log/messages.ts';
import { why } from '../../../src/log/reasons.ts';
import { ABRT, lineOf, sent, TERM } from '../../support/messages.ts';
import { isAlive, NO_PID, startSleeper } from '../../support/process.ts';
import { testService } from '../../support/service.ts';
import { sipwd } from '../../support/sipwd.ts';

describe.each(['-e', '--exit-if-down'])('with %s', (option) => {
  test('when the service is healthy, sipwd prints nothing and exits 0', async () => {
    const service = testService();
    const pid = await startSleeper(service.binfile);
    service.writePids(pid);
    expect(await sipwd([option, ...service.args])).toMatchObject({ status: 0, stdout: '', stderr: '' });
    expect(isAlive(pid)).toBe(true);
  });

  test('when the service is down, it is not started: exit 1', async () => {
    const service = testService();
    const run = await sipwd([option, ...service.args]);
    expect(run.status).toBe(1);
    expect(run.said).toEqual([
      lineOf(messages.down(why.noPidfile(service.pidfile)), service.name),
      lineOf(messages.startNeeded(), service.name),
    ]);
    expect(service.starts).toBe(0);
  });

  test('when a part of the service runs, it is stopped first: exit 1', async () => {
    const service = testService();
    const stubborn = await startSleeper(service.binfile, "trap '' TERM");
    service.writePids(stubborn, NO_PID);
    const run = await sipwd([option, '--term-timeout', '0.2', ...service.args]);
    expect(run.status).toBe(1);
    expect(run.events).toEqual(['down', 'sent', 'sent', 'startNeeded']);
    expect(run.linesOf('sent')).toEqual([...sent(TERM, service, [stubborn]), ...sent('SIGKILL', service, [stubborn])]);
    expect(isAlive(stubborn)).toBe(false);
    expect(service.starts).toBe(0);
  });

  test('when a forced restart is ordered, the service is killed with SIGABRT: exit 1', async () => {
    const service = testService();
    const pid = await startSleeper(service.binfile);
    service.writePids(pid);
    writeFileSync(service.forceFile, '');
    const run = await sipwd([option, ...service.args]);
    expect(run.status).toBe(1);
    expect(run.events).toEqual(['forcedRestart', 'sent', 'startNeeded']);
    expect(run.linesOf('sent')).toEqual(sent(ABRT, service, [pid]));
    expect(existsSync(service.forceFile)).toBe(false);
    expect(isAlive(pid)).toBe(false);
    expect(service.starts).toBe(0);
  });

  test('when the service is disabled, no start is needed: exit 0', async () => {
    const service = testService();
    rmSync(service.runfile);
    expect(await sipwd([option, ...service.args])).toMatchObject({ status: 0, stderr: '' });
  });
});
