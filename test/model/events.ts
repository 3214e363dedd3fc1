import fc from 'fast-check';
import { KINDS, type Kind } from './start-command.ts';
import { FAULTS, type Fault } from './unusable-pidfile.ts';

/** What can happen to a service and its files. */
export type Change =
  | { readonly kind: 'a process is killed' | 'a process is stopped'; readonly which: number }
  | { readonly kind: 'the pidfile names another process' | 'the pidfile names no process' }
  | { readonly kind: 'the pidfile becomes unusable'; readonly by: Fault }
  | { readonly kind: 'the runfile is removed' | 'the runfile is created' }
  | { readonly kind: 'the force-restart file is created' }
  | { readonly kind: 'the next start gives'; readonly kinds: readonly Kind[] };

/** Changes, then one or more runs of sipwd at once; more changes during the runs, and a single run may be killed. */
export interface Step {
  readonly before: readonly Change[];
  readonly runs: number;
  /** each after so many ms */
  readonly during: readonly (readonly [number, Change])[];
  /** after so many ms; only a single run is killed */
  readonly killed: number | undefined;
}

/** On an idle machine, a run that acts takes no longer. */
const moment = fc.integer({ min: 0, max: 400 });

/** More often processes that ignore the first signal: they need the most work. */
export const kinds = fc.array(fc.constantFrom(...KINDS, 'deaf', 'deaf', 'abort-deaf', 'abort-deaf'), {
  minLength: 1,
  maxLength: 3,
});

/** Each with its weight: without a runfile, or with an unusable pidfile, a run does nothing else. */
const CHANGES: [number, fc.Arbitrary<Change>][] = [
  [3, fc.record({ kind: fc.constant('a process is killed'), which: fc.nat(2) })],
  [1, fc.record({ kind: fc.constant('a process is stopped'), which: fc.nat(2) })],
  [2, fc.record({ kind: fc.constantFrom('the pidfile names another process', 'the pidfile names no process') })],
  [1, fc.record({ kind: fc.constant('the pidfile becomes unusable'), by: fc.constantFrom(...FAULTS) })],
  [1, fc.record({ kind: fc.constant('the runfile is removed') })],
  [3, fc.record({ kind: fc.constant('the runfile is created') })],
  [3, fc.record({ kind: fc.constant('the force-restart file is created') })],
  [2, fc.record({ kind: fc.constant('the next start gives'), kinds })],
];
const change = fc.oneof(...CHANGES.map(([weight, arbitrary]) => ({ weight, arbitrary })));

/** Changes that sipwd must notice while it is working. */
const surprise: fc.Arbitrary<Change> = fc.oneof(
  change,
  fc.constantFrom<Change>({ kind: 'the runfile is removed' }, { kind: 'a process is killed', which: 0 }),
);

const step: fc.Arbitrary<Step> = fc
  .record({
    before: fc.array(change, { maxLength: 3 }),
    runs: fc.oneof({ weight: 2, arbitrary: fc.constant(1) }, fc.integer({ min: 1, max: 3 })),
    during: fc.oneof(fc.constant([]), fc.array(fc.tuple(moment, surprise), { maxLength: 2 })),
    killed: fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, moment),
  })
  .map((made) => (made.runs > 1 ? { ...made, killed: undefined } : made));

/** The kinds of processes of the first generation, and the steps. */
export const story = fc.tuple(kinds, fc.array(step, { minLength: 1, maxLength: 8, size: 'max' }));
