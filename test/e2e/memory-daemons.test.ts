import { describe, expect, test } from 'vitest';
import { freePort } from '../support/ask.ts';
import { DAEMONS, locate } from '../support/daemons.ts';
import { familyOf, kill } from '../support/family.ts';
import { isAlive } from '../support/process.ts';
import { Watched } from '../support/watched.ts';

/** How often in a row; where everything is tested, often enough for what happens seldom. */
const ROUNDS = Number(process.env.SIPWD_ROUNDS ?? (process.env.CI === 'true' ? 20 : 3));
const ROUND_MS = 15_000;

for (const daemon of DAEMONS.filter(({ hasWorkers }) => hasWorkers)) {
  const program = locate(daemon.program);

  describe.skipIf(program === undefined)(`${daemon.program} (needs the package ${daemon.package})`, () => {
    test(
      `when its main process is killed ${ROUNDS} times in a row, its workers are ended each time and it comes back`,
      async () => {
        const one = new Watched(program ?? daemon.program, daemon, await freePort());
        expect(await one.run()).toMatchObject({ status: 0 });
        await one.answers();
        for (let round = 0; round < ROUNDS; round++) {
          await one.answers();
          expect(await one.run()).toMatchObject({ status: 0, stderr: '' });
          const [main = 0, ...workers] = familyOf(one.pid);
          expect(workers.length).toBeGreaterThanOrEqual(2);
          await kill([main]);
          expect(workers.filter(isAlive)).toEqual(workers);

          const run = await one.run('--term-timeout', '2');
          expect(run).toMatchObject({ status: 0 });
          for (const worker of workers) expect(run.stderr).toContain(`sent SIGTERM and SIGCONT to PID ${worker} `);
          expect(run.said.at(-1)).toMatch(new RegExp(`^started \\S+: PID ${one.pid} after `));
          expect([main, ...workers].filter(isAlive)).toEqual([]);
          // All of the old is gone: it is the new one that answers.
          await one.answers();
          expect(isAlive(one.pid)).toBe(true);
        }
      },
      ROUNDS * ROUND_MS,
    );

    test('when it was never seen healthy, its workers stay and hold the port', async () => {
      const one = new Watched(program ?? daemon.program, daemon, await freePort());
      expect(await one.run('--no-memory')).toMatchObject({ status: 0 });
      await one.answers();
      const [main = 0, ...workers] = familyOf(one.pid);
      try {
        await kill([main]);
        const run = await one.run('--start-timeout', '0.5');
        expect(run.stderr).not.toContain('SIG');
        expect(workers.filter(isAlive)).toEqual(workers);
      } finally {
        await kill(workers);
      }
    });
  });
}
