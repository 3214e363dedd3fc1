import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { isAlive, NO_PID, startSleeper } from '../support/process.ts';
import { testService } from '../support/service.ts';
import { sipwd } from '../support/sipwd.ts';
import { notesIn, noting, startTrapping } from '../support/traps.ts';

describe('the wait after SIGTERM', () => {
  test('when it takes more than a second to end, it has had SIGTERM and SIGCONT once, and no SIGKILL', async () => {
    const service = testService();
    const notes = service.path('notes');
    const inTime = `trap 'echo TERM >>${notes}; (sleep 1.3; kill -9 $$) &' TERM`;
    const left = await startTrapping(service.binfile, `${noting(notes)}\n${inTime}`);
    service.writePids(left, NO_PID);
    const run = await sipwd(service.args);
    expect(run.status).toBe(0);
    expect(notesIn(notes).toSorted()).toEqual(['CONT', 'TERM']);
    expect(run.said.filter((line) => line.startsWith('sent '))).toHaveLength(1);
    expect(service.starts).toBe(1);
  });

  test('when one of two ignores SIGTERM, it alone gets SIGKILL, after the term timeout and not before', async () => {
    const service = testService();
    const deaf = await startSleeper(service.binfile, "trap '' TERM");
    const other = await startSleeper(service.binfile);
    service.writePids(deaf, NO_PID, other);
    const run = await sipwd(['--term-timeout', '0.5', ...service.args]);
    expect(run.status).toBe(0);
    expect(run.said.slice(1, 5)).toEqual([
      `sent SIGTERM and SIGCONT to PID ${deaf} (${service.binfile})`,
      `sent SIGTERM and SIGCONT to PID ${other} (${service.binfile})`,
      `sent SIGKILL to PID ${deaf} (${service.binfile})`,
      `starting ${service.binfile}: ${service.command}`,
    ]);
    expect(run.ms).toBeGreaterThan(500);
    expect(isAlive(deaf)).toBe(false);
    expect(service.starts).toBe(1);
  });

  test('when the last one exits after a while, the start follows within 50 ms', async () => {
    const delays: number[] = [];
    // A busy machine can delay any one of them: the best tells what sipwd adds itself.
    while (delays.length < 5 && !delays.some((delay) => delay <= 50)) {
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
      expect(run.said, `${option}=${value}`).toEqual([expect.stringContaining(option)]);
    }
    expect(isAlive(left)).toBe(true);
    expect(service.starts).toBe(0);
  });

  test.each(ALL)('when %s comes without a value, that is a usage error', async (option) => {
    const service = testService();
    const run = await sipwd([...service.args, option]);
    expect(run).toMatchObject({ status: 1, said: [expect.stringContaining(option)] });
    expect(service.starts).toBe(0);
  });

  test.each(['.4', '0.4', '0.40', '00.4'])('when the term timeout is %s, SIGKILL comes after 0.4 s', async (value) => {
    const service = testService();
    const deaf = await startSleeper(service.binfile, "trap '' TERM");
    service.writePids(deaf, NO_PID);
    const run = await sipwd([`--term-timeout=${value}`, ...service.args]);
    expect(run.status).toBe(0);
    expect(run.said).toContain(`sent SIGKILL to PID ${deaf} (${service.binfile})`);
    expect(run.ms).toBeGreaterThan(400);
    // The default would be 8 s.
    expect(run.ms).toBeLessThan(7000);
  });
});
