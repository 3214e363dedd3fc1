import { describe, expect, test } from 'vitest';
import { messages } from '../../../src/log/messages.ts';
import { Clock, canSetClock } from '../../support/clock.ts';
import { SOON } from '../../support/crew.ts';
import { LINE } from '../../support/log.ts';
import { TERM } from '../../support/messages.ts';
import { isAlive, NO_PID, startSleeper } from '../../support/process.ts';
import { testService } from '../../support/service.ts';
import { startSipwd } from '../../support/sipwd.ts';

const SET = [
  ['back by three hours', 9],
  ['forward by three hours', 15],
] as const;

/** The hours of the lines of a run. */
const hoursIn = (stderr: string) =>
  stderr
    .trimEnd()
    .split('\n')
    .map((line) => Number(LINE.exec(line)?.[3]));

describe.skipIf(!canSetClock)('the clock is set during a run (needs the package faketime)', () => {
  test.each(SET)('when it is set %s during the wait after SIGTERM, SIGKILL follows in time', async (_, hour) => {
    const service = testService();
    const clock = new Clock(service);
    const left = await startSleeper(service.binfile, "trap '' TERM");
    service.writePids(left, NO_PID);
    const { run, says } = startSipwd([...SOON, ...service.args], { env: clock.environment });
    await says(messages.sent(TERM, left, service.binfile).text);
    clock.set(hour);
    const { status, events, stderr, ms } = await run;
    expect({ status, events }).toEqual({ status: 0, events: ['down', 'sent', 'sent', 'starting', 'started'] });
    expect(isAlive(left)).toBe(false);
    expect(service.starts).toBe(1);
    expect(ms).toBeLessThan(25_000);
    // One more where the killed process is a zombie for a while: its pidfile is removed.
    const [first, second, ...after] = hoursIn(stderr);
    expect([first, second, ...new Set(after)]).toEqual([12, 12, hour]);
  });

  test.each(SET)(
    'when it is set %s during the wait until the service runs, the timeout is the same',
    async (_, hour) => {
      const service = testService();
      const clock = new Clock(service);
      const args = ['--start-timeout', '1', ...service.args.with(3, 'true')];
      const { run, says } = startSipwd(args, { env: { ...clock.environment, SIPLOG_LVL: 'DBUG' } });
      await says('waiting up to 1 s');
      clock.set(hour);
      const { status, said, stderr, ms } = await run;
      expect(status).toBe(3);
      expect(said.at(-1)).toContain('did not come up within 1 s');
      expect(ms).toBeGreaterThan(1000);
      expect(ms).toBeLessThan(25_000);
      expect(hoursIn(stderr).at(-1)).toBe(hour);
    },
  );
});
