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

const kinds = fc.array(fc.constantFrom(...KINDS), { minLength: 1, maxLength: 3 });

const change: fc.Arbitrary<Change> = fc.oneof(
  fc.record({ kind: fc.constantFrom('a process dies', 'a process is stopped'), which: fc.nat(2) }),
  fc.record({ kind: fc.constantFrom('the pidfile names a stranger', 'the pidfile names nobody') }),
  fc.record({ kind: fc.constant('the pidfile is spoilt'), by: fc.constantFrom(...SPOILS) }),
  fc.record({ kind: fc.constantFrom('the runfile goes', 'the runfile comes', 'the runfile comes') }),
  fc.record({ kind: fc.constant('a restart is ordered') }),
  fc.record({ kind: fc.constant('the next start gives'), kinds }),
);

const step: fc.Arbitrary<Step> = fc
  .record({
    before: fc.array(change, { maxLength: 3 }),
    runs: fc.oneof({ weight: 2, arbitrary: fc.constant(1) }, fc.integer({ min: 1, max: 3 })),
    during: fc.oneof(fc.constant([]), fc.array(fc.tuple(moment, change), { maxLength: 2 })),
    killed: fc.option(moment, { nil: undefined }),
  })
  .map((made) => (made.runs > 1 ? { ...made, killed: undefined } : made));

export const steps = fc.array(step, { minLength: 1, maxLength: 6 });
