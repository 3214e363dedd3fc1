import { expect, test } from 'vitest';
import { Fleet, NEEDED_FOR_FLEET } from '../../support/fleet.ts';
import { complete, expectRepaired } from '../../support/fleet-repairs.ts';
import { startTimeOf } from '../../support/process.ts';
import { rounds } from '../../support/rounds.ts';
import { QUIET } from '../../support/sipwd.ts';
import { runTable } from '../../support/table.ts';

const TWENTY_MINUTES = 1_200_000;

test.skipIf(!Fleet.canSail)(
  `when a random tenth of a fleet fails, one pass starts each of those once, and touches no other process (needs ${NEEDED_FOR_FLEET})`,
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
