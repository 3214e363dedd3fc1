import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { messages } from '../../../src/log/messages.ts';
import { lineOf, sent, TERM } from '../../support/messages.ts';
import { isAlive, NO_PID, startSleeper } from '../../support/process.ts';
import { testService } from '../../support/service.ts';
import { sipwd } from '../../support/sipwd.ts';
import { notesIn, noting, startTrapping } from '../../support/traps.ts';

describe('the wait after SIGTERM', () => {
  test('when a process takes more than a second to exit, it gets SIGTERM and SIGCONT once, and no SIGKILL', async () => {
    const service = testService();
    const notes = service.path('notes');
    const inTime = `trap 'echo TERM >>${notes}; (sleep 1.3; kill -9 $$) &' TERM`;
    const left = await startTrapping(service.binfile, `${noting(notes)}\n${inTime}`);
    service.writePids(left, NO_PID);
    const run = await sipwd(service.args);
    expect(run.status).toBe(0);
    expect(notesIn(notes).toSorted()).toEqual(['CONT', 'TERM']);
    expect(run.linesOf('sent')).toEqual(sent(TERM, service, [left]));
    expect(service.starts).toBe(1);
  });

  test('when one of two ignores SIGTERM, it alone gets SIGKILL, after the term timeout and not before', async () => {
    const service = testService();
    const stubborn = await startSleeper(service.binfile, "trap '' TERM");
    const other = await startSleeper(service.binfile);
    service.writePids(stubborn, NO_PID, other);
    const run = await sipwd(['--term-timeout', '0.5', ...service.args]);
    expect(run.status).toBe(0);
    expect(run.said.slice(1, 5)).toEqual([
      ...sent(TERM, service, [stubborn, other]),
      ...sent('SIGKILL', service, [stubborn]),
      lineOf(messages.starting(service.command), service.name),
    ]);
    expect(run.ms).toBeGreaterThan(500);
    expect(isAlive(stubborn)).toBe(false);
    expect(service.starts).toBe(1);
  });

  test('when the last process exits after a while, the start follows within 50 ms', async () => {
    const delays: number[] = [];
    // A busy machine can delay any of them: the shortest shows what sipwd itself adds.
    while (delays.length < 20 && !delays.some((delay) => delay <= 50)) {
      const service = testService();
      const [exit, begin] = [service.path('exit'), service.path('begin')];
      const left = await startTrapping(service.binfile, `trap 'sleep 0.5; date +%s%N >${exit}; exit' TERM`);
      service.writePids(left, NO_PID);
      const [runfile, binfile, pidfile, command] = service.args;
      const run = await sipwd([runfile, binfile, pidfile, `date +%s%N >${begin}; ${command}`]);
      expect(run.status).toBe(0);
      const [exited, began] = [exit, begin].map((file) => BigInt(readFileSync(file, 'utf8').trim())) as [
        bigint,
        bigint,
      ];
      expect(began).toBeGreaterThan(exited);
      delays.push(Number(began - exited) / 1e6);
    }
    expect(Math.min(...delays)).toBeLessThanOrEqual(50);
  });
});

describe('the timeouts', () => {
  const ALL = ['--term-timeout', '--abort-timeout', '--core-timeout', '--start-timeout'];
  const BAD = ['', ' ', 'soon', '-1', '5s', '1e3', '0x10', '1,5', 'Infinity', 'NaN', '1.5.5'];

  test.each(ALL)('when %s is not a number of seconds, that is a usage error, and nothing is done', async (option) => {
    const service = testService();
    const left = await startSleeper(service.binfile);
    service.writePids(left, NO_PID);
    for (const value of BAD) {
      const run = await sipwd([`${option}=${value}`, ...service.args]);
      expect(run, `${option}=${value}`).toMatchObject({ status: 1, stdout: '' });
      expect(run.events, `${option}=${value}`).toEqual(['usage']);
      expect(run.stderr).toContain(option);
    }
    expect(isAlive(left)).toBe(true);
    expect(service.starts).toBe(0);
  });

  test.each(ALL)('when %s has no value, that is a usage error', async (option) => {
    const service = testService();
    const run = await sipwd([...service.args, option]);
    expect(run).toMatchObject({ status: 1, events: ['usage'] });
    expect(run.stderr).toContain(option);
    expect(service.starts).toBe(0);
  });

  test.each(['.4', '0.4', '0.40', '00.4'])('when the term timeout is %s, SIGKILL comes after 0.4 s', async (value) => {
    const service = testService();
    const stubborn = await startSleeper(service.binfile, "trap '' TERM");
    service.writePids(stubborn, NO_PID);
    const run = await sipwd([`--term-timeout=${value}`, ...service.args]);
    expect(run.status).toBe(0);
    expect(run.said).toEqual(expect.arrayContaining(sent('SIGKILL', service, [stubborn])));
    expect(run.ms).toBeGreaterThan(400);
    // The default would be 8 s.
    expect(run.ms).toBeLessThan(7000);
  });
});
