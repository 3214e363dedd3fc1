import { setImmediate } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { FUZZ_TIMEOUT, isFuzzing, seedOf } from '../support/fuzz.ts';
import { PIDFILE } from './pidfile.ts';
import { SNAPSHOT } from './snapshot.ts';
import { STAT } from './stat.ts';
import { TABLE } from './table.ts';
import type { Target } from './target.ts';
import { WORDS } from './words.ts';

/** A parser is fuzzed when it is in this list. */
const TARGETS: readonly Target[] = [PIDFILE, STAT, SNAPSHOT, WORDS, TABLE];

const { SIPWD_FUZZ_SECONDS = '60', SIPWD_FUZZ_RUNS } = process.env;

/** Enough to reach each branch, in less than a second. */
const CASES_IN_A_TEST = 1000;

/** Between two batches, the test runner gets the time to report. */
const BATCH = 1000;

/** A hundredth of what a slow machine tries: less is a fuzzer that hangs. */
const FEWEST_PER_SECOND = 50;

/** One case of so many must be accepted, and one refused: otherwise the generator tests one half of the parser. */
const RARE = 20;

const seconds = isFuzzing && SIPWD_FUZZ_RUNS === undefined ? Number(SIPWD_FUZZ_SECONDS) / TARGETS.length : undefined;
const cases = isFuzzing ? Number(SIPWD_FUZZ_RUNS) : CASES_IN_A_TEST;

/** Tries a target until the time is over, or so many cases were tried. */
async function fuzz({ check }: Target) {
  const first = seedOf();
  const begin = performance.now();
  let [accepted, refused, took] = [0, 0, 0];
  const isOver = () => (seconds === undefined ? accepted + refused >= cases : took >= seconds);
  for (let seed = first; !isOver(); seed++) {
    const left = seconds === undefined ? cases - accepted - refused : BATCH;
    const count = check(seed, Math.min(BATCH, left));
    accepted += count.accepted;
    refused += count.refused;
    took = (performance.now() - begin) / 1000;
    await setImmediate();
  }
  return { accepted, refused, took, seed: first };
}

describe('the parsers', () => {
  test.for(TARGETS)(
    'whatever the text, the parser of a $name accepts what the rule allows, and throws only its own error',
    { timeout: FUZZ_TIMEOUT },
    async (target) => {
      const { accepted, refused, took, seed } = await fuzz(target);
      const tried = accepted + refused;
      const figures = `${tried} cases (${accepted} accepted, ${refused} refused) in ${took.toFixed(1)} s`;
      if (isFuzzing) process.stderr.write(`${target.name}: ${figures}, SIPWD_FUZZ_SEED=${seed}\n`);
      expect(tried).toBeGreaterThanOrEqual(seconds === undefined ? cases : seconds * FEWEST_PER_SECOND);
      expect(Math.min(accepted, refused) * RARE).toBeGreaterThan(tried);
    },
  );
});
