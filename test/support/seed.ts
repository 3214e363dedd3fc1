import fc from 'fast-check';

/** The seed of the tests with random input: every run tries the same input. Only `npm run fuzz` changes the seed. */
export const SEED = 20_061_122;

/** For pure functions: enough to reach each branch, in less than a second. */
export const PROPERTY = { seed: SEED, numRuns: 500 };

/** Any UTF-16 units, lone surrogates included; more often characters that end lines, words and names. */
export const anyText = fc.string({
  unit: fc.oneof(
    fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)),
    fc.integer({ min: 0, max: 0xff }).map((code) => String.fromCharCode(code)),
    fc.constantFrom(...'\n\r\t\0 ()"\\', '\x1b[2J', '\u2028', '\u202e', '\ud800', '😀'),
  ),
  maxLength: 30,
});
