import { rmSync } from 'node:fs';
import getPort from 'get-port';
import { describe, expect, test } from 'vitest';
import { isInstalled } from '../../support/caller.ts';
import { DAEMONS, locate } from '../../support/daemons.ts';
import { familyOf, kill } from '../../support/family.ts';
import { listenersOn } from '../../support/listeners.ts';
import { isAlive } from '../../support/process.ts';
import { QUIET } from '../../support/sipwd.ts';
import { isRoot } from '../../support/user.ts';
import { until } from '../../support/wait.ts';
import { Watched } from '../../support/watched.ts';

/** How often in a row. Where everything is tested (CI=true), often enough for rare failures. */
const ROUNDS = process.env.CI === 'true' ? 10 : 2;
const PIDFILE_ROUNDS = 3;
const ROUND_MS = 30_000;

const hasSs = isInstalled('ss');

/** Waits until the daemon answers; then it has one main process, as many workers as at first, and one listener. */
async function expectOneCopy(one: Watched, count: number): Promise<void> {
  await one.answers();
  await until(`there are ${count} processes`, () => one.see().length === count);
  expect(one.left).toEqual([]);
  const listeners = listenersOn(one.port, one.daemon.question);
  expect(listeners).toHaveLength(1);
  const family = familyOf(one.pid);
  expect(listeners.flatMap(({ pids }) => pids).filter((pid) => !family.includes(pid))).toEqual([]);
}

for (const daemon of DAEMONS.filter(({ program }) => program !== 'rtpengine')) {
  const program = locate(daemon.program);
  const canRun = program !== undefined && hasSs && isRoot;

  /** Has sipwd start it; returns how many processes it has. */
  const started = async () => {
    const one = new Watched(program ?? daemon.program, daemon, await getPort());
    expect(await one.run()).toMatchObject({ status: 0 });
    await one.answers();
    return { one, count: await settledCount(one) };
  };

  describe.skipIf(!canRun)(`${daemon.program} (needs root, and the packages ${daemon.package} and iproute2)`, () => {
    test(
      `when its main process is killed within a second of the start, ${ROUNDS} times in a row, one copy runs after each start`,
      async () => {
        const { one, count } = await started();
        for (let round = 0; round < ROUNDS; round++) {
          const old = one.pid;
          await kill([old]);
          const early = one.startRun('--start-timeout', '2', '--term-timeout', '2');
          const main = await until('the next one runs', () => newMain(one, old));
          one.see();
          await kill([main]);
          expect((await early.run).status).toBe(3);

          expect(await one.run('--term-timeout', '2')).toMatchObject({ status: 0 });
          await expectOneCopy(one, count);
        }
        expect(await one.run()).toMatchObject(QUIET);
      },
      ROUNDS * ROUND_MS,
    );

    test(
      `when its pidfile is removed ${PIDFILE_ROUNDS} times in a row, one copy runs after each run`,
      async () => {
        const { one, count } = await started();
        for (let round = 0; round < PIDFILE_ROUNDS; round++) {
          const old = one.see();
          rmSync(one.pidfile);
          expect(await one.run('--term-timeout', '2')).toMatchObject({ status: 0 });
          expect(old.filter(isAlive)).toEqual([]);
          await expectOneCopy(one, count);
          expect(await one.run()).toMatchObject(QUIET);
        }
      },
      PIDFILE_ROUNDS * ROUND_MS,
    );
  });
}

/** The PID of a new main process that runs; 0 while there is none. */
function newMain(one: Watched, old: number): number {
  try {
    return one.pid !== old && isAlive(one.pid) ? one.pid : 0;
  } catch {
    return 0;
  }
}

/** The number of its processes, once it has answered and no longer grows. */
async function settledCount(one: Watched): Promise<number> {
  let last = 0;
  let since = performance.now();
  await until('the number of processes is steady', () => {
    const count = one.see().length;
    if (count !== last) [last, since] = [count, performance.now()];
    return performance.now() - since > 500;
  });
  return last;
}
