import { expect, test } from 'vitest';
import { Crew } from '../../support/crew.ts';
import { type Fault, Fleet, HAS_DAEMONS, needsStart, type Ship, type State } from '../../support/fleet.ts';
import { startTimeOf } from '../../support/process.ts';
import { rounds } from '../../support/rounds.ts';
import { QUIET } from '../../support/sipwd.ts';
import { runTable } from '../../support/table.ts';
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

test.skipIf(!HAS_DAEMONS || process.geteuid?.() !== 0)(
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
