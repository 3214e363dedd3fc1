import { rmSync, symlinkSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { messages } from '../../../src/log/messages.ts';
import { ABRT, LOOP, lineOf, sent, TERM } from '../../support/messages.ts';
import { isAlive, NO_PID, startSleeper } from '../../support/process.ts';
import { type TestService, testService } from '../../support/service.ts';
import { sipwd, startSipwd } from '../../support/sipwd.ts';
import { startTrapping } from '../../support/traps.ts';

describe('an operator who removes the runfile', () => {
  test.each([
    ['SIGTERM', TERM, [NO_PID]],
    ['SIGABRT', ABRT, []],
  ])(
    'when it is removed during the wait after %s, there is no SIGKILL and no start: exit 0, INFO',
    async (signal, signals, rest) => {
      const service = testService();
      const stubborn = await startSleeper(service.binfile, `trap '' ${signal.slice(3)}`);
      service.writePids(stubborn, ...rest);
      if (signal === 'SIGABRT') service.write('svc.force', '');
      const { run, says } = startSipwd(['--term-timeout', '0.5', '--abort-timeout', '0.5', ...service.args]);
      await says(messages.sent(signals, stubborn, service.binfile).text);
      rmSync(service.runfile);
      const { status, said } = await run;
      expect(status).toBe(0);
      expect(said.slice(1)).toEqual([
        ...sent(signals, service, [stubborn]),
        lineOf(messages.disabledMeanwhile(service.runfile), service.name),
      ]);
      expect(isAlive(stubborn)).toBe(true);
      expect(service.starts).toBe(0);
    },
  );

  test.each([
    ['a clean-up', 'TERM', [NO_PID]],
    ['a forced restart', 'ABRT', []],
  ])(
    'when it is removed just before the last process exits in %s, there is no start: exit 0',
    async (_, signal, rest) => {
      const service = testService();
      const left = await startTrapping(service.binfile, `trap 'rm ${service.runfile}; exit' ${signal}`);
      service.writePids(left, ...rest);
      if (signal === 'ABRT') service.write('svc.force', '');
      const run = await sipwd(service.args);
      expect(run.status).toBe(0);
      expect(run.said.at(-1)).toBe(lineOf(messages.disabledMeanwhile(service.runfile), service.name));
      expect(isAlive(left)).toBe(false);
      expect(service.starts).toBe(0);
    },
  );

  test('when it is removed while -e waits, no start is needed: exit 0', async () => {
    const service = testService();
    const left = await startTrapping(service.binfile, `trap 'rm ${service.runfile}; exit' TERM`);
    service.writePids(left, NO_PID);
    const run = await sipwd(['-e', ...service.args]);
    expect(run.status).toBe(0);
    expect(run.events).toEqual(['down', 'sent', 'disabledMeanwhile']);
  });
});

describe('a runfile that can no longer be checked', () => {
  /** A command that replaces the runfile by a symlink to one that leads to itself. */
  function spoiling(service: TestService): string {
    symlinkSync(service.path('loop'), service.path('loop'));
    symlinkSync(service.path('loop'), service.path('spoiled'));
    return `mv -f ${service.path('spoiled')} ${service.runfile}`;
  }

  test.each([
    ['SIGKILL', '', true],
    ['the start', '; exit', false],
  ])('when that happens before %s, the run ends there: exit 5', async (_, after, isLeft) => {
    const service = testService();
    const left = await startTrapping(service.binfile, `trap '${spoiling(service)}${after}' TERM`);
    service.writePids(left, NO_PID);
    const run = await sipwd(['--term-timeout', '0.5', ...service.args]);
    expect(run.status).toBe(5);
    expect(run.said.slice(1)).toEqual([
      ...sent(TERM, service, [left]),
      lineOf(messages.runfileNotReadable(service.runfile, LOOP), service.name),
    ]);
    expect(isAlive(left)).toBe(isLeft);
    expect(service.starts).toBe(0);
  });
});
