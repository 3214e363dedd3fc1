import fc from 'fast-check';
import { SPOILS, type Spoil } from './spoilt-pidfile.ts';
import { KINDS, type Kind } from './start-command.ts';

/** What can befall a service, its files, or the machine. */
export type Change =
  | { readonly kind: 'a process dies' | 'a process is stopped'; readonly which: number }
  | { readonly kind: 'the pidfile names a stranger' | 'the pidfile names nobody' }
  | { readonly kind: 'the pidfile is spoilt'; readonly by: Spoil }
  | { readonly kind: 'the runfile goes' | 'the runfile comes' }
  | { readonly kind: 'a restart is ordered' }
  | { readonly kind: 'the next start gives'; readonly kinds: readonly Kind[] };

/** Something happens, then sipwd runs, alone or several at once; meanwhile more happens, and it may be killed. */
export interface Step {
  readonly before: readonly Change[];
  readonly runs: number;
  /** with the ms after which it happens */
  readonly during: readonly (readonly [number, Change])[];
  /** after how many ms it is killed; only one that runs alone is */
  readonly killed: number | undefined;
}

/** A run that acts is over by then, on an idle machine. */
const moment = fc.integer({ min: 0, max: 400 });

/** Those that do not act on the first signal give the most to do. */
export const kinds = fc.array(fc.constantFrom(...KINDS, 'deaf', 'deaf', 'abort-deaf', 'abort-deaf'), {
  minLength: 1,
  maxLength: 3,
});

/** Each with its weight; without a runfile, or with a pidfile that is spoilt, nothing else happens. */
const CHANGES: [number, fc.Arbitrary<Change>][] = [
  [3, fc.record({ kind: fc.constant('a process dies'), which: fc.nat(2) })],
  [1, fc.record({ kind: fc.constant('a process is stopped'), which: fc.nat(2) })],
  [2, fc.record({ kind: fc.constantFrom('the pidfile names a stranger', 'the pidfile names nobody') })],
  [1, fc.record({ kind: fc.constant('the pidfile is spoilt'), by: fc.constantFrom(...SPOILS) })],
  [1, fc.record({ kind: fc.constant('the runfile goes') })],
  [3, fc.record({ kind: fc.constant('the runfile comes') })],
  [3, fc.record({ kind: fc.constant('a restart is ordered') })],
  [2, fc.record({ kind: fc.constant('the next start gives'), kinds })],
];
const change = fc.oneof(...CHANGES.map(([weight, arbitrary]) => ({ weight, arbitrary })));

/** What sipwd has to notice although it is at work already. */
const surprise: fc.Arbitrary<Change> = fc.oneof(
  change,
  fc.constantFrom<Change>({ kind: 'the runfile goes' }, { kind: 'a process dies', which: 0 }),
);

const step: fc.Arbitrary<Step> = fc
  .record({
    before: fc.array(change, { maxLength: 3 }),
    runs: fc.oneof({ weight: 2, arbitrary: fc.constant(1) }, fc.integer({ min: 1, max: 3 })),
    during: fc.oneof(fc.constant([]), fc.array(fc.tuple(moment, surprise), { maxLength: 2 })),
    killed: fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, moment),
  })
  .map((made) => (made.runs > 1 ? { ...made, killed: undefined } : made));

/** The behaviour of the first generation, and what happens then. */
export const story = fc.tuple(kinds, fc.array(step, { minLength: 1, maxLength: 8, size: 'max' }));
