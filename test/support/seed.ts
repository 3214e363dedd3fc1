import fc from 'fast-check';

/**
 * The seed of the tests with random input: every run tries the same input. Only `npm run fuzz` and
 * `npm run fuzz:model` change the seed.
 */
export const SEED = 20_061_122;

/** For pure functions: enough to reach each branch, in less than a second. */
const PROPERTY = { seed: SEED, numRuns: 500 };

/** Checks a property of a pure function; throws when it does not hold, or when fewer inputs were tried than there should be. */
export function expectToHold<T>(property: fc.IProperty<T>, numRuns = PROPERTY.numRuns): void {
  const result = fc.check(property, { ...PROPERTY, numRuns });
  if (result.failed) throw new Error(fc.defaultReportMessage(result), { cause: result.errorInstance });
  const tried = result.numRuns;
  process.stderr.write(`${tried} inputs with seed ${result.seed}\n`);
  if (tried < numRuns) throw new Error(`only ${tried} of ${numRuns} inputs were tried`);
}

/** Any UTF-16 units, lone surrogates included; more often characters that end lines, words and names. */
export const anyText = fc.string({
  unit: fc.oneof(
    fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)),
    fc.integer({ min: 0, max: 0xff }).map((code) => String.fromCharCode(code)),
    fc.constantFrom(...'\n\r\t\0 ()"\\', '\x1b[2J', '\u2028', '\u202e', '\ud800', '😀'),
  ),
  maxLength: 30,
});
