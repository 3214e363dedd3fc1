import { rmSync, symlinkSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { isAlive, NO_PID, startSleeper } from '../support/process.ts';
import { type TestService, testService } from '../support/service.ts';
import { type Run, sipwd, startSipwd } from '../support/sipwd.ts';
import { startTrapping } from '../support/traps.ts';

const JSON_LINES = { env: { SIPLOG_BEND: 'json' } };

/** What was said last, as pino has it. */
const last = (run: Run) => JSON.parse(run.said.at(-1) ?? '');

describe('an operator who removes the runfile', () => {
  test('when it happens in the wait after SIGTERM, there is no SIGKILL and no start: exit 0, INFO', async () => {
    const service = testService();
    const deaf = await startSleeper(service.binfile, "trap '' TERM");
    service.writePids(deaf, NO_PID);
    const { run, says } = startSipwd(['--term-timeout', '0.5', ...service.args], JSON_LINES);
    await says('sent SIGTERM');
    rmSync(service.runfile);
    const result = await run;
    expect(result.status).toBe(0);
    expect(last(result)).toMatchObject({
      level: 30,
      msg: `${service.binfile} is not meant to run any more: ${service.runfile} was removed; nothing more is done`,
    });
    expect(result.stderr).not.toContain('SIGKILL');
    expect(isAlive(deaf)).toBe(true);
    expect(service.starts).toBe(0);
  });

  test('when it happens in the wait after SIGABRT, there is no SIGKILL and no start: exit 0', async () => {
    const service = testService();
    const deaf = await startSleeper(service.binfile, "trap '' ABRT");
    service.writePids(deaf);
    service.write('svc.force', '');
    const { run, says } = startSipwd(['--abort-timeout', '0.5', ...service.args], JSON_LINES);
    await says('sent SIGABRT');
    rmSync(service.runfile);
    const result = await run;
    expect(result.status).toBe(0);
    expect(last(result)).toMatchObject({ level: 30, msg: expect.stringContaining('not meant to run any more') });
    expect(result.stderr).not.toContain('SIGKILL');
    expect(isAlive(deaf)).toBe(true);
    expect(service.starts).toBe(0);
  });

  test.each([
    { of: 'a clean-up', signal: 'TERM', rest: [NO_PID] },
    { of: 'a forced restart', signal: 'ABRT', rest: [] },
  ])('when it happens just before the last exit of $of, there is no start: exit 0, INFO', async ({ signal, rest }) => {
    const service = testService();
    const left = await startTrapping(service.binfile, `trap 'rm ${service.runfile}; exit' ${signal}`);
    service.writePids(left, ...rest);
    if (signal === 'ABRT') service.write('svc.force', '');
    const run = await sipwd(service.args, JSON_LINES);
    expect(run.status).toBe(0);
    expect(last(run)).toMatchObject({ level: 30, msg: expect.stringContaining('not meant to run any more') });
    expect(isAlive(left)).toBe(false);
    expect(service.starts).toBe(0);
  });

  test('when it happens while -e waits, no start is needed any more: exit 0', async () => {
    const service = testService();
    const left = await startTrapping(service.binfile, `trap 'rm ${service.runfile}; exit' TERM`);
    service.writePids(left, NO_PID);
    const run = await sipwd(['-e', ...service.args]);
    expect(run.status).toBe(0);
    expect(run.said.at(-1)).toContain('not meant to run any more');
  });
});

describe('a runfile that cannot be looked at any more', () => {
  /** A command that puts a symlink in place of the runfile, at once, that leads to one that leads to itself. */
  function spoiling(service: TestService): string {
    symlinkSync(service.path('loop'), service.path('loop'));
    symlinkSync(service.path('loop'), service.path('spoiled'));
    return `mv -f ${service.path('spoiled')} ${service.runfile}`;
  }

  test('when it happens before SIGKILL, there is none, and no start: exit 5', async () => {
    const service = testService();
    const deaf = await startTrapping(service.binfile, `trap '${spoiling(service)}' TERM`);
    service.writePids(deaf, NO_PID);
    const run = await sipwd(['--term-timeout', '0.5', ...service.args]);
    expect(run.status).toBe(5);
    expect(run.said.at(-1)).toMatch(/^cannot look at the runfile .*ELOOP/);
    expect(run.said.join()).not.toContain('SIGKILL');
    expect(isAlive(deaf)).toBe(true);
    expect(service.starts).toBe(0);
  });

  test('when it happens before the start, there is none: exit 5', async () => {
    const service = testService();
    const left = await startTrapping(service.binfile, `trap '${spoiling(service)}; exit' TERM`);
    service.writePids(left, NO_PID);
    const run = await sipwd(service.args);
    expect(run.status).toBe(5);
    expect(run.said.at(-1)).toMatch(/^cannot look at the runfile .*ELOOP/);
    expect(isAlive(left)).toBe(false);
    expect(service.starts).toBe(0);
  });
});
