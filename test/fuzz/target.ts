import fc from 'fast-check';

/** What became of one case: a target that never accepts, or never refuses, tests nothing. */
export type Outcome = 'accepted' | 'refused';

/** A parser, and how it is tried. */
export interface Target {
  readonly name: string;
  /**
   * Tries cases, all of them derived from the seed.
   *
   * @returns how many were accepted and refused
   * @throws Error with the smallest case that fails
   */
  readonly check: (seed: number, cases: number) => Readonly<Record<Outcome, number>>;
}

/**
 * Makes a target.
 *
 * @param arbitrary generates the cases
 * @param check parses one, and throws unless the result is right
 */
export function target<T>(name: string, arbitrary: fc.Arbitrary<T>, check: (value: T) => Outcome): Target {
  return {
    name,
    check: (seed, cases) => {
      const count = { accepted: 0, refused: 0 };
      const property = fc.property(arbitrary, (value) => {
        count[check(value)]++;
      });
      fc.assert(property, { seed, numRuns: cases });
      return count;
    },
  };
}

/** A text with the values that were rendered in it; undefined: only the reference decides. */
export interface Case<T> {
  readonly text: string;
  readonly rendered?: T;
}

/**
 * Cases of three kinds: valid ones, texts that may be anything, and large texts.
 *
 * @param weights how many of the first two there are for each large one
 */
export function mixed<T>(
  valid: fc.Arbitrary<Case<T>>,
  others: readonly fc.Arbitrary<string>[],
  large: fc.Arbitrary<string>,
  weights: { readonly valid: number; readonly others: number },
): fc.Arbitrary<Case<T>> {
  const unlabelled = (text: string): Case<T> => ({ text });
  return fc.oneof(
    { weight: weights.valid, arbitrary: valid },
    { weight: weights.others, arbitrary: fc.oneof(...others).map(unlabelled) },
    { weight: 1, arbitrary: large.map(unlabelled) },
  );
}

/** A text in which a few characters are replaced. */
export function damaged(text: fc.Arbitrary<string>, junk: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc.tuple(text, fc.nat(), fc.nat(5), junk).map(([whole, place, removed, put]) => {
    const at = place % (whole.length + 1);
    return whole.slice(0, at) + put + whole.slice(at + removed);
  });
}

/** One byte, one character, as sipwd reads a pidfile and /proc. */
export const anyByte = fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code));

/** A text of one part many times, up to so many characters. */
export function repeated(part: fc.Arbitrary<string>, most: number): fc.Arbitrary<string> {
  return fc
    .tuple(part, fc.integer({ min: 1, max: most }))
    .map(([text, length]) => text.repeat(Math.ceil(length / Math.max(1, text.length))).slice(0, length));
}
