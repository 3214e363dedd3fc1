import fc from 'fast-check';

/** Tests with random input start from this seed, so that every run of them tries the same; only `npm run fuzz` varies it. */
export const SEED = 20_061_122;

/** For functions of their input: more than enough to reach each branch, in well under a second. */
export const PROPERTY = { seed: SEED, numRuns: 500 };

/** Any UTF-16 unit, so lone surrogates as well, and more often what ends lines, words and names. */
export const anyText = fc.string({
  unit: fc.oneof(
    fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)),
    fc.integer({ min: 0, max: 0xff }).map((code) => String.fromCharCode(code)),
    fc.constantFrom(...'\n\r\t\0 ()"\\', '\x1b[2J', '\u2028', '\u202e', '\ud800', '😀'),
  ),
  maxLength: 30,
});
