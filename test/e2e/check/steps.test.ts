import { rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { messages } from '../../../src/log/messages.ts';
import { startLinesOf } from '../../support/log.ts';
import { LOOP, lineOf } from '../../support/messages.ts';
import { isAlive, start } from '../../support/process.ts';
import { testService } from '../../support/service.ts';
import { QUIET, sipwd } from '../../support/sipwd.ts';

describe('the runfile', () => {
  test('when it does not exist, nothing else is read, signalled or started: exit 0', async () => {
    const service = testService();
    rmSync(service.runfile);
    writeFileSync(service.pidfile, 'not a PID');
    expect(await sipwd(service.args)).toMatchObject(QUIET);
    expect(service.starts).toBe(0);
  });

  test('when a part of its path is not a directory, it does not exist', async () => {
    const service = testService();
    expect(await sipwd(service.args.with(0, `${service.binfile}/runs`))).toMatchObject(QUIET);
    expect(service.starts).toBe(0);
  });

  test('when it cannot be checked, that is not absence: exit 5, and nothing is started', async () => {
    const service = testService();
    const loop = service.path('loop');
    symlinkSync(loop, loop);
    expect(await sipwd(service.args.with(0, loop))).toMatchObject({
      status: 5,
      said: [lineOf(messages.runfileNotReadable(loop, LOOP), service.name)],
    });
    expect(service.starts).toBe(0);
  });
});

describe('the check', () => {
  test('when all PIDs run, sipwd logs nothing and exits 0', async () => {
    const service = testService();
    service.writePids(start(service.binfile, ['1000']).pid, start(service.binfile, ['1000']).pid);
    expect(await sipwd(service.args)).toMatchObject(QUIET);
    expect(service.starts).toBe(0);
  });

  test('when there is no pidfile, the service is started, and its PID and the time taken are logged', async () => {
    const service = testService();
    const run = await sipwd(service.args);
    expect(run.status).toBe(0);
    expect(run.said).toEqual(startLinesOf(service, run.said));
    expect(service.starts).toBe(1);
    expect(isAlive(service.pids[0] ?? 0)).toBe(true);
  });
});
