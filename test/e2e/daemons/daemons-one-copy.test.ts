import { rmSync } from 'node:fs';
import { execa } from 'execa';
import getPort from 'get-port';
import { describe, expect, test } from 'vitest';
import { isInstalled } from '../../support/caller.ts';
import { DAEMONS, locate } from '../../support/daemons.ts';
import { kill } from '../../support/family.ts';
import { expectOneCopy, livingFamily, settledCount } from '../../support/one-copy.ts';
import { isAlive } from '../../support/process.ts';
import { rounds } from '../../support/rounds.ts';
import { QUIET } from '../../support/sipwd.ts';
import { isRoot } from '../../support/user.ts';
import { until } from '../../support/wait.ts';
import { Watched } from '../../support/watched.ts';

/** How often in a row. Where everything is tested (CI=true), often enough for rare failures. */
const ROUNDS = rounds(1, 10);
const PIDFILE_ROUNDS = rounds(1, 3);
const ROUND_MS = 30_000;

const hasSs = isInstalled('ss');

/** That one copy runs, and nothing of an older copy is left. */
async function expectOnly(one: Watched, count: number): Promise<void> {
  await expectOneCopy(one, one.pid, count);
  one.see();
  expect(one.left).toEqual([]);
}

for (const daemon of DAEMONS) {
  const program = locate(daemon.program);
  const canRun = program !== undefined && hasSs && isRoot;

  /** Has sipwd start it; returns how many processes it has. */
  const started = async () => {
    const one = new Watched(program ?? daemon.program, daemon, await getPort());
    expect(await one.run()).toMatchObject({ status: 0 });
    await one.answers();
    return { one, count: await settledCount(one.pid) };
  };

  describe.skipIf(!canRun)(`${daemon.program} (needs root, and the packages ${daemon.package} and iproute2)`, () => {
    test(
      `when its main process is killed within a second of the start, one copy runs after the next start (${ROUNDS} times in a row)`,
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
          await expectOnly(one, count);
        }
        expect(await one.run()).toMatchObject(QUIET);
      },
      ROUNDS * ROUND_MS,
    );

    test(
      `when its pidfile is removed, one copy runs after the next run (${PIDFILE_ROUNDS} times in a row)`,
      async () => {
        const { one, count } = await started();
        for (let round = 0; round < PIDFILE_ROUNDS; round++) {
          const old = one.see();
          rmSync(one.pidfile);
          expect(await one.run('--term-timeout', '2')).toMatchObject({ status: 0 });
          expect(old.filter(isAlive)).toEqual([]);
          await expectOnly(one, count);
          expect(await one.run()).toMatchObject(QUIET);
        }
      },
      PIDFILE_ROUNDS * ROUND_MS,
    );

    test('when its main process is killed, it comes back once', async () => {
      const { one, count } = await started();
      expect(await one.run()).toMatchObject(QUIET);
      const old = one.see();
      await kill([one.pid]);
      expect(await one.run('--term-timeout', '2')).toMatchObject({ status: 0 });
      expect(old.filter(isAlive)).toEqual([]);
      await expectOnly(one, count);
      expect(await one.run()).toMatchObject(QUIET);
    });

    // The others have no reload, or keep their processes.
    if (daemon.program !== 'nginx') return;

    test('when it is reloaded and its main process is killed before the next check, one copy runs after the start', async () => {
      const { one, count } = await started();
      expect(await one.run()).toMatchObject(QUIET);
      const [main = 0, ...workers] = one.see();
      await execa('/bin/sh', ['-c', `${daemon.commandIn(one)} -s reload`], { cwd: one.dir });
      const reloaded = await until('all workers are new', () => {
        const family = livingFamily(main);
        return family.length === count && !workers.some((pid) => family.includes(pid)) ? family : undefined;
      });
      one.see();
      expect(one.pid).toBe(main);
      await kill([main]);
      expect(reloaded.slice(1).filter(isAlive)).toEqual(reloaded.slice(1));
      expect(await one.run('--term-timeout', '2')).toMatchObject({ status: 0 });
      expect(reloaded.filter(isAlive)).toEqual([]);
      await expectOnly(one, count);
      expect(await one.run()).toMatchObject(QUIET);
    });
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
