import { expect, test } from 'vitest';
import { testService } from '../../support/service.ts';
import { sipwd } from '../../support/sipwd.ts';

test.each([0.2, 0.6])(
  'when a daemon exits %s s after it wrote its pidfile, each run fails: exit 3, and the message names its PID and the time',
  async (seconds) => {
    const service = testService();
    const command = service.command.replace(' 1000 ', ` ${seconds} `);
    for (let count = 1; count <= 2; count++) {
      const run = await sipwd(['--start-timeout', '2', ...service.args.with(3, command)]);
      expect(run.status).toBe(3);
      expect(run.linesOf('started')).toEqual([]);
      expect(service.starts).toBe(count);
      const [, pid, after] = /PID (\d+) exited (\d+\.\d) s after the start$/.exec(run.said.at(-1) ?? '') ?? [];
      expect(Number(pid)).toBe(service.pids[0]);
      expect(Number(after)).toBeGreaterThanOrEqual(seconds);
      expect(run.events.at(-1)).toBe('notUp');
    }
  },
);
