import { basename } from 'node:path';
import getPort from 'get-port';
import { describe, expect, test } from 'vitest';
import { DAEMONS, locate } from '../../support/daemons.ts';
import { familyOf, kill } from '../../support/family.ts';
import { eventOf, sent, TERM } from '../../support/messages.ts';
import { isAlive, statField } from '../../support/process.ts';
import { rounds } from '../../support/rounds.ts';
import { QUIET } from '../../support/sipwd.ts';
import { Watched } from '../../support/watched.ts';

/** How often in a row. Where everything is tested (CI=true), often enough for rare failures. */
const ROUNDS = rounds(2, 20);
const ROUND_MS = 15_000;

for (const daemon of DAEMONS.filter(({ hasWorkers }) => hasWorkers)) {
  const program = locate(daemon.program);

  describe.skipIf(program === undefined)(`${daemon.program} (needs the package ${daemon.package})`, () => {
    test(
      `when its main process is killed ${ROUNDS} times in a row, its workers are stopped and it is started each time`,
      async () => {
        const one = new Watched(program ?? daemon.program, daemon, await getPort());
        expect(await one.run()).toMatchObject({ status: 0 });
        await one.answers();
        for (let round = 0; round < ROUNDS; round++) {
          await one.answers();
          expect(await one.run()).toMatchObject(QUIET);
          const [main = 0, ...workers] = familyOf(one.pid);
          expect(workers.length).toBeGreaterThanOrEqual(2);
          await kill([main]);
          expect(workers.filter(isAlive)).toEqual(workers);

          const run = await one.run('--term-timeout', '2');
          expect(run).toMatchObject({ status: 0 });
          const service = { binfile: one.program, name: basename(one.program) };
          expect(run.said).toEqual(expect.arrayContaining(sent(TERM, service, workers)));
          const last = run.said.at(-1) ?? '';
          expect(eventOf(last)).toBe('started');
          expect(last).toContain(`PID ${one.pid} `);
          expect([main, ...workers].filter(isAlive)).toEqual([]);
          // None of the old processes is left: the answer is from the new ones.
          await one.answers();
          expect(isAlive(one.pid)).toBe(true);
        }
      },
      ROUNDS * ROUND_MS,
    );

    test('when no snapshot is stored and its main process is killed, only workers in the session of that process are stopped', async () => {
      const one = new Watched(program ?? daemon.program, daemon, await getPort());
      expect(await one.run('--no-memory')).toMatchObject({ status: 0 });
      await one.answers();
      const [main = 0, ...workers] = familyOf(one.pid);
      const known = workers.filter((pid) => statField(pid, 6) === String(main));
      const others = workers.filter((pid) => !known.includes(pid));
      try {
        await kill([main]);
        const run = await one.run('--start-timeout', '0.5');
        const service = { binfile: one.program, name: basename(one.program) };
        const inOrder = known.toSorted((one, other) => one - other);
        expect(run.linesOf('sent')).toEqual(sent(TERM, service, inOrder));
        expect(known.filter(isAlive)).toEqual([]);
        expect(others.filter(isAlive)).toEqual(others);
      } finally {
        await kill(workers);
      }
    });
  });
}
