import fc from 'fast-check';
import { rounds } from './rounds.ts';
import { SEED } from './seed.ts';

const { SIPWD_FUZZ, SIPWD_FUZZ_SECONDS, SIPWD_FUZZ_SEED, SIPWD_FUZZ_PATH } = process.env;

/** Whether this is `npm run fuzz:model`: another seed each time, without a time limit. */
export const isFuzzing = SIPWD_FUZZ !== undefined;

/** The time limit. In `npm test`, where a run takes some three seconds, it is an error if the rest is not tried. */
const SECONDS = isFuzzing ? Number(SIPWD_FUZZ_SECONDS ?? Number.POSITIVE_INFINITY) : 240;
const RUNS = isFuzzing ? 100 : rounds(10, 20);

/** Leaves time for the last run; `npm run fuzz:model` has no timeout. */
export const FUZZ_TIMEOUT = isFuzzing ? 0 : 2 * SECONDS * 1000;

/**
 * Checks a property of a slow program: with one seed in `npm test`, with one seed after another in `npm run fuzz:model`. The
 * error of a failure says how to repeat it.
 */
export async function explore<T>(arbitrary: fc.Arbitrary<T>, check: (value: T) => Promise<void>): Promise<void> {
  const end = performance.now() + SECONDS * 1000;
  let tried = 0;
  const property = fc.asyncProperty(arbitrary, async (value) => {
    if (performance.now() >= end) return;
    await check(value);
    tried++;
  });
  do {
    const seed = seedOf();
    process.stderr.write(`${RUNS} runs with SIPWD_FUZZ_SEED=${seed}\n`);
    const path = SIPWD_FUZZ_PATH === undefined ? {} : { path: SIPWD_FUZZ_PATH, endOnFailure: true };
    const result = await fc.check(property, { seed, numRuns: RUNS, unbiased: true, ...path });
    if (result.failed) {
      const message = `${await fc.asyncDefaultReportMessage(result)}\n${howToRepeat(result)}`;
      throw new Error(message, { cause: result.errorInstance });
    }
    // With a given seed as well: a failure that depends on timing may need several tries.
  } while (isFuzzing && performance.now() < end);
  process.stderr.write(`${tried} runs were tried\n`);
  if (!isFuzzing && tried < RUNS) throw new Error(`only ${tried} of ${RUNS} runs were tried in ${SECONDS} s`);
}

/** The seed of the next runs. */
export function seedOf(): number {
  return Number(SIPWD_FUZZ_SEED ?? (isFuzzing ? Date.now() % 2 ** 31 : SEED));
}

function howToRepeat({ seed, counterexamplePath }: { seed: number; counterexamplePath: string | null }): string {
  const path = counterexamplePath ?? '';
  return `To repeat it: SIPWD_FUZZ_SEED=${seed} SIPWD_FUZZ_PATH=${path} npm run fuzz:model (tries until it fails)`;
}
