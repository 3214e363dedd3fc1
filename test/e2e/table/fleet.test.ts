import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { expect, test } from 'vitest';
import { Crew } from '../../support/crew.ts';
import {
  HAS_CRON,
  jobsIn,
  MAY_TAKE_LONG,
  NEEDS_TIME,
  recorded,
  startCron,
  TWO_MINUTES,
  tableOfCron,
} from '../../support/cron.ts';
import { type Fault, Fleet, HAS_DAEMONS, needsStart, type Ship, type State } from '../../support/fleet.ts';
import { startTimeOf } from '../../support/process.ts';
import { rounds } from '../../support/rounds.ts';
import { PROGRAM, QUIET } from '../../support/sipwd.ts';
import { runTable } from '../../support/table.ts';
import { isRoot } from '../../support/user.ts';
import { until } from '../../support/wait.ts';

const NEEDED = 'needs root, nginx, redis-server, memcached, kamailio and lighttpd';

const TWENTY_MINUTES = 1_200_000;

/** A small daemon forks its worker after it was started. */
async function complete(fleet: Fleet, restarted: (ship: Ship) => boolean): Promise<Map<Ship, State>> {
  const lacksWorker = ([ship, { worker }]: [Ship, State]) =>
    ship.daemon instanceof Crew && restarted(ship) && worker === undefined;
  return until('those that were started have their workers', () => {
    const states = fleet.states();
    return [...states].some(lacksWorker) ? undefined : states;
  });
}

/** Each service is up, was started once if that was needed, and nothing else has changed. */
async function expectRepaired(
  fleet: Fleet,
  before: ReadonlyMap<Ship, State>,
  faults: ReadonlyMap<Ship, Fault>,
): Promise<void> {
  const after = await complete(fleet, (ship) => needsStart(faults.get(ship)));
  for (const [ship, now] of after) {
    const fault = faults.get(ship);
    const was = before.get(ship);
    const isNew = needsStart(fault);
    expect(
      {
        starts: now.starts - (was?.starts ?? 0),
        isUp: !now.main.endsWith('does not run'),
        isSame: now.main === was?.main,
        hasSameWorker: now.worker === was?.worker,
      },
      `${ship.name}, where ${fault ?? 'nothing happens'}`,
    ).toEqual({
      starts: isNew ? 1 : 0,
      isUp: true,
      isSame: !isNew,
      hasSameWorker: fault === undefined || !(ship.daemon instanceof Crew),
    });
  }
  const crews = [...after].filter(([{ daemon }]) => daemon instanceof Crew);
  const workers = crews.filter(([, { worker }]) => worker !== undefined);
  expect(fleet.twins).toBe(crews.length + workers.length + STRANGERS);
  await fleet.answers();
}

/** The twin that is not in the table, and its worker. */
const STRANGERS = 2;

const canSail = HAS_DAEMONS && isRoot;

test.skipIf(!canSail)(
  `when a random tenth of a fleet fails, one pass starts each of those once, and touches no other process (${NEEDED})`,
  async () => {
    const fleet = await Fleet.of(rounds(50, 200));
    const stranger = [fleet.stranger.main, startTimeOf(fleet.stranger.main)];
    expect(await runTable(fleet.table)).toMatchObject({ status: 0 });
    await complete(fleet, () => true);
    for (let round = 0; round < rounds(2, 10); round++) {
      expect(await runTable(fleet.table)).toMatchObject(QUIET);
      const before = fleet.states();
      const faults = await fleet.harm();
      const run = await runTable(fleet.table);
      expect(run.status, run.stderr).toBe(0);
      await expectRepaired(fleet, before, faults);
      expect([fleet.stranger.main, startTimeOf(fleet.stranger.main)]).toEqual(stranger);
    }
  },
  TWENTY_MINUTES,
);

test.skipIf(!canSail || !HAS_CRON || !MAY_TAKE_LONG)(
  `when a random tenth of a fleet fails in each of three minutes, cron and sipwd start each of those once (takes four minutes: ${NEEDED}, cron, and ${NEEDS_TIME})`,
  async () => {
    const fleet = await Fleet.of(rounds(50, 200));
    expect(await runTable(fleet.table)).toMatchObject({ status: 0 });
    await complete(fleet, () => true);
    const { dir } = fleet.stranger.service;
    const [said, ran, table] = [`${dir}/said`, `${dir}/ran`, tableOfCron(dir)];
    const watch = recorded(`${PROGRAM} --table ${fleet.table}`, said, ran);
    const nextJob = async () => {
      const count = jobsIn(ran).length;
      const job = await until('cron has run sipwd', () => jobsIn(ran)[count], TWO_MINUTES);
      expect(job.status, readFileSync(said, 'utf8')).toBe(0);
    };
    try {
      writeFileSync(table, `PATH=${dirname(process.execPath)}:/usr/sbin:/usr/bin:/bin\n* * * * * root ${watch}\n`);
      startCron();
      // What fails right after a pass is there before the next one.
      await nextJob();
      expect(readFileSync(said, 'utf8')).toBe('');
      for (let minute = 0; minute < 3; minute++) {
        const before = fleet.states();
        const faults = await fleet.harm();
        await nextJob();
        await expectRepaired(fleet, before, faults);
      }
    } finally {
      rmSync(table, { force: true });
    }
  },
  TWENTY_MINUTES,
);
