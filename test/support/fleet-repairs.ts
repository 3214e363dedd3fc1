import { expect } from 'vitest';
import { Crew } from './crew.ts';
import { type Fault, type Fleet, needsStart, type Ship, type State } from './fleet.ts';
import { until } from './wait.ts';

/** The twin that is not in the table, and its worker. */
const STRANGERS = 2;

/** A small daemon forks its worker after it was started. */
export async function complete(fleet: Fleet, restarted: (ship: Ship) => boolean): Promise<Map<Ship, State>> {
  const lacksWorker = ([ship, { worker }]: [Ship, State]) =>
    ship.daemon instanceof Crew && restarted(ship) && worker === undefined;
  return until('those that were started have their workers', () => {
    const states = fleet.states();
    return [...states].some(lacksWorker) ? undefined : states;
  });
}

/** Each service is up, was started once if that was needed, and nothing else has changed. */
export async function expectRepaired(
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
