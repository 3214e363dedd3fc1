import fc from 'fast-check';
import { expect, test } from 'vitest';
import { EVENTS, forest, plant, type Step } from '../../support/forest.ts';
import { isFuzzing, seedOf } from '../../support/fuzz.ts';
import { testService } from '../../support/service.ts';
import { QUIET, type Run, sipwd } from '../../support/sipwd.ts';
import { lives, type Twin } from '../../support/twin.ts';
import { until } from '../../support/wait.ts';

/** Each takes some seconds. */
const FORESTS = isFuzzing ? 40 : 6;
const TIMEOUT = isFuzzing ? 0 : 120_000;

/** What was tried. */
interface Tally {
  forests: number;
  /** services that were repaired */
  repairs: number;
  /** services that were healthy while another one was repaired */
  spared: number;
  /** those of them that carried its cookie */
  marked: number;
}

test(
  'when processes and pidfiles of twins are lost at random, one copy of each runs after one run each, nothing older is left, and no healthy service is touched',
  async () => {
    const tally: Tally = { forests: 0, repairs: 0, spared: 0, marked: 0 };
    const seed = seedOf();
    const property = fc.asyncProperty(forest, async ([plans, steps]) => {
      const service = testService();
      try {
        const twins = await plant(plans, service);
        for (const each of steps) await take(each, twins, tally);
        tally.forests++;
      } finally {
        await service.end();
      }
    });
    process.stderr.write(`${FORESTS} forests with SIPWD_FUZZ_SEED=${seed}\n`);
    // A smaller example would take minutes to find.
    await fc.assert(property, { seed, numRuns: FORESTS, unbiased: true, endOnFailure: true });
    const { forests, repairs, spared, marked } = tally;
    process.stderr.write(`${forests} forests: ${repairs} repairs, ${spared} twins spared\n`);
    expect(forests).toBe(FORESTS);
    expect(repairs).toBeGreaterThanOrEqual(FORESTS);
    expect(spared).toBeGreaterThanOrEqual(FORESTS);
    expect(marked).toBeGreaterThan(0);
  },
  TIMEOUT,
);

async function take({ event, to, late, isTogether }: Step, twins: readonly Twin[], tally: Tally): Promise<void> {
  const hit = to === 'all' ? twins : twins.slice(to % twins.length).slice(0, 1);
  if (late !== null) await hit[0]?.fork(late);
  for (const twin of hit) await EVENTS[event](twin);

  const before = twins.map((twin) => ({ twin, isDown: twin.isDown, living: twin.living, shown: twin.shown }));
  const runs = await runEach(twins, isTogether);
  const down = before.filter(({ isDown }) => isDown).map(({ twin }) => twin);
  const spared = twins.filter((twin) => down.length > 0 && !down.includes(twin));
  tally.repairs += down.length;
  tally.spared += spared.length;
  tally.marked += spared.filter((twin) => down.some((each) => each.marks(twin))).length;
  for (const [index, { twin, isDown, living, shown }] of before.entries()) {
    if (isDown) {
      expect(runs[index]).toMatchObject({ status: 0 });
      expect(shown.filter(lives)).toEqual([]);
      await twin.begin();
    } else {
      expect(runs[index]).toMatchObject(QUIET);
      expect(living.filter(lives)).toEqual(living);
      twin.store();
    }
  }
  await oneOfEach(twins);
}

async function runEach(twins: readonly Twin[], isTogether: boolean): Promise<Run[]> {
  if (isTogether) return Promise.all(twins.map(({ crew }) => sipwd(crew.args)));
  const runs: Run[] = [];
  for (const { crew } of twins) runs.push(await sipwd(crew.args));
  return runs;
}

/** Each service has one main process, which its pidfile names. */
async function oneOfEach(twins: readonly Twin[]): Promise<void> {
  // A shell that forks twice is two processes for a moment.
  const count = () => twins[0]?.crew.service.processes.length;
  await until(`there are ${twins.length} main processes`, () => count() === twins.length);
  for (const { crew, main } of twins) {
    expect(crew.main).toBe(main);
    expect(crew.mains).toEqual([main]);
  }
}
