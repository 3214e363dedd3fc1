import { describe, expect, test } from 'vitest';
import { type Action, decide, type Plan, type SignalAction } from '../src/decide.ts';
import type { ExitStatus } from '../src/exit.ts';
import type { Pidfile } from '../src/files/pidfile.ts';
import type { Health } from '../src/service/health.ts';
import type { Member } from '../src/service/member.ts';
import type { Observation, Progress } from '../src/service/observation.ts';
import {
  ACTED,
  ANCESTOR,
  BARRED,
  CARRIER,
  CHANGED,
  combinations,
  DISTRUST,
  DOWN,
  EXIT_INSTEAD,
  FREE,
  HEALTHY,
  HELD,
  HOLD,
  IGNORED,
  IN_PART,
  LOST_MAIN,
  NEW_PAUSE,
  NO_PIDFILE,
  NO_PIDS,
  NOT_AVAILABLE,
  ORDER,
  OTHER_PROGRAM,
  OURS,
  observation,
  PAUSE,
  PIDFILE,
  REMOVE_ORDER,
  REMOVE_STALE,
  STALE,
  START,
  STARTING,
  signal,
  UNKILLABLE,
  UNKNOWN,
  WORKER,
} from './support/observation.ts';

const PROGRESSES = Array.from(
  combinations<Progress>({
    pidfile: [ACTED.pidfile, CHANGED.pidfile],
    members: [[]],
    isForced: [false],
    isOrderStuck: [false, true],
    isCleanedUp: [false, true],
    unkillable: [[], UNKILLABLE],
    failures: [0],
  }),
);

/** What an observation is combined of. */
interface Dimensions extends Omit<Observation, 'pidfile' | 'health' | 'members' | 'verdicts' | 'hold' | 'pause'> {
  readonly waits: Pick<Observation, 'hold' | 'pause'>;
  readonly found: Pick<Observation, 'pidfile' | 'health' | 'members'>;
}

const FOUND: readonly { readonly pidfile: Pidfile; readonly health: Health }[] = [
  ...[HEALTHY, IN_PART, DOWN, STALE, OTHER_PROGRAM, UNKNOWN].map((health) => ({ pidfile: PIDFILE, health })),
  { pidfile: { ...PIDFILE, pids: [] }, health: NO_PIDS },
  { pidfile: NO_PIDFILE, health: NO_PIDS },
];

/** Every kind of observation: a value of each kind that its type allows. */
const KINDS: Parameters<typeof combinations<Dimensions>>[0] = {
  service: [false, true].map((exitIfDown) => observation({ settings: { exitIfDown } }).service),
  isEnabled: [true, false],
  tally: [undefined],
  found: FOUND.flatMap((found) => [[], [LOST_MAIN, WORKER]].map((unlisted) => observation({ ...found, unlisted }))),
  claimed: [[], [7]],
  unconfirmed: [[], [CARRIER]],
  leftAlone: [[{ pid: 50, why: 'may be another service' }]],
  hasBinary: [true],
  forceFile: [{ kind: 'absent' }, ORDER, IGNORED],
  distrust: [undefined, DISTRUST],
  barred: [[], [BARRED], [ANCESTOR]],
  failures: [2],
  waits: [
    { hold: undefined, pause: undefined },
    { hold: undefined, pause: NEW_PAUSE },
    { hold: HOLD, pause: PAUSE },
  ],
  lock: [undefined, FREE, OURS, HELD, STARTING, NOT_AVAILABLE],
  progress: [undefined, ...PROGRESSES],
};

const isLeft = ({ members }: Observation) => members.length > 0;
const isOrdered = ({ forceFile, progress }: Observation) => progress === undefined && forceFile === ORDER;
const isHealthy = (seen: Observation) => seen.health === HEALTHY && !isOrdered(seen);
const isStuck = ({ progress }: Observation) => progress?.isOrderStuck === true;
const leavesStart = ({ service }: Observation) => service.settings.exitIfDown;

/** Whether the pidfile changed during the run, and names a process that runs or may run. */
const isElsewhere = ({ health, progress }: Observation) =>
  progress?.pidfile === CHANGED.pidfile && [HEALTHY, IN_PART, UNKNOWN].includes(health);

/** A forced restart ends a start that is not confirmed: at its beginning, and in the steps that follow. */
const isUnconfirmed = (seen: Observation) =>
  seen.unconfirmed.length > 0 && (seen.progress === undefined ? !isOrdered(seen) : isStuck(seen));

/** Both count only before the first action; a forced restart ends a pause. */
const isHeld = (seen: Observation) => seen.progress === undefined && seen.hold === HOLD;
const isPaused = (seen: Observation) => seen.progress === undefined && seen.pause !== undefined && !isOrdered(seen);

/** A forced restart may end an ancestor of sipwd. */
const isBarred = (seen: Observation) => seen.barred.some((each) => each === BARRED || !isOrdered(seen));

type Row = readonly [Plan['kind'], ExitStatus, (seen: Observation) => boolean];

/** Kind and exit status: the first row that applies. */
const ROWS: readonly Row[] = [
  ['nothing', 0, (seen) => !seen.isEnabled],
  ['nothing', 4, (seen) => isElsewhere(seen) && isStuck(seen)],
  ['nothing', 0, isElsewhere],
  ['refuse', 5, (seen) => seen.health === UNKNOWN],
  ['refuse', 4, (seen) => seen.progress?.unkillable === UNKILLABLE],
  ['nothing', 4, (seen) => isHealthy(seen) && isStuck(seen)],
  ['nothing', 0, isHealthy],
  ['nothing', 0, isHeld],
  ['refuse', 75, (seen) => seen.lock === HELD],
  ['refuse', 75, (seen) => seen.lock === STARTING],
  ['refuse', 5, (seen) => seen.lock === NOT_AVAILABLE],
  ['refuse', 3, isUnconfirmed],
  ['refuse', 6, isPaused],
  ['refuse', 4, (seen) => seen.claimed.length > 0],
  ['refuse', 4, (seen) => seen.distrust === DISTRUST],
  ['refuse', 4, isBarred],
  ['refuse', 4, (seen) => seen.progress?.isCleanedUp === true && isLeft(seen)],
  ['forced restart', 1, (seen) => isOrdered(seen) && leavesStart(seen)],
  ['forced restart', 0, isOrdered],
  ['clean up and start', 4, (seen) => isLeft(seen) && isStuck(seen)],
  ['clean up and start', 1, (seen) => isLeft(seen) && leavesStart(seen)],
  ['clean up and start', 0, isLeft],
  ['start', 4, isStuck],
  ['start', 1, leavesStart],
  ['start', 0, () => true],
];

const rowOf = (seen: Observation) => ROWS.find(([, , applies]) => applies(seen));

/** The exact actions of a plan of a kind, in order. */
function actionsOf(kind: Plan['kind'], seen: Observation): Action[] {
  const signalled = (name: SignalAction['signal'], members: readonly Member[]) =>
    members.length > 0 ? [signal(name, members)] : [];
  const mains = seen.members.filter(({ isMain }) => isMain);
  const workers = seen.members.filter(({ isMain }) => !isMain);
  const isStale = seen.health === STALE && !leavesStart(seen);
  const last = [...(isStale ? [REMOVE_STALE] : []), leavesStart(seen) ? EXIT_INSTEAD : START];
  const actions: Record<Plan['kind'], Action[]> = {
    nothing: [],
    refuse: [],
    start: last,
    'clean up and start': [...signalled('SIGTERM', seen.members), ...last],
    'forced restart': [REMOVE_ORDER, ...signalled('SIGABRT', mains), ...signalled('SIGTERM', workers), ...last],
  };
  return actions[kind];
}

const isBlocked = (seen: Observation) =>
  !seen.isEnabled ||
  seen.health === UNKNOWN ||
  seen.claimed.length > 0 ||
  seen.distrust !== undefined ||
  isBarred(seen) ||
  isUnconfirmed(seen) ||
  isHeld(seen) ||
  isPaused(seen) ||
  [HELD, STARTING, NOT_AVAILABLE].some((lock) => lock === seen.lock) ||
  seen.progress?.unkillable === UNKILLABLE;

/** The run has acted, or the service is disabled. */
const isSilent = ({ isEnabled, progress }: Observation) => !isEnabled || progress !== undefined;

/** The run begins, and is going to act. */
const isDue = ({ end }: Plan, { progress, health }: Observation) =>
  end === undefined && progress === undefined && health.kind === 'down';

const says = (event: string, { messages }: Plan) => messages.filter((each) => each.event === event).length === 1;

/** What holds for every plan, by the title of its test. */
const RULES: Readonly<Record<string, (plan: Plan, seen: Observation) => boolean>> = {
  'whatever is observed, the first row that applies gives kind and exit status': ({ kind, status }, seen) => {
    const [expected, expectedStatus] = rowOf(seen) ?? [];
    return kind === expected && status === expectedStatus;
  },
  // As text, which is fast enough for all of them.
  'whatever is observed, the plan has exactly the actions of its kind, in order': ({ kind, actions }, seen) =>
    JSON.stringify(actions) === JSON.stringify(actionsOf(kind, seen)),
  'whatever is observed, a plan ends the run, and says why, if it has nothing to do or refuses': ({
    kind,
    end,
    actions,
    why,
  }) => why !== '' && (kind === 'nothing' || kind === 'refuse' ? end !== undefined && actions.length === 0 : !end),
  'whatever is observed, a plan that starts the service first signals all that is left of it': ({ actions }, seen) => {
    const signalled = actions.flatMap((action) => (action.kind === 'signal' ? action.processes : []));
    return actions.length === 0 || seen.members.every((one) => signalled.filter((each) => each === one).length === 1);
  },
  'when an obstacle is observed, no plan signals, removes or starts anything': ({ actions }, seen) =>
    !isBlocked(seen) || actions.length === 0,
  'when the run has acted, or the service is disabled, the plan logs nothing more before it acts': (plan, seen) =>
    !isSilent(seen) || plan.messages.length === 0,
  'when a run begins and is going to act, it logs first why the service is down': (plan, seen) =>
    !isDue(plan, seen) || (says('down', plan) && says('noSuchBinary', plan) === !seen.hasBinary),
};

/** A literal: with spreads, this would take longer than all the rest. */
function toObservation(one: Dimensions): Observation {
  const { found, waits } = one;
  return {
    service: one.service,
    isEnabled: one.isEnabled,
    pidfile: found.pidfile,
    verdicts: [],
    health: found.health,
    members: found.members,
    claimed: one.claimed,
    unconfirmed: one.unconfirmed,
    leftAlone: one.leftAlone,
    hasBinary: one.hasBinary,
    forceFile: one.forceFile,
    distrust: one.distrust,
    barred: one.barred,
    failures: one.failures,
    pause: waits.pause,
    hold: waits.hold,
    tally: one.tally,
    lock: one.lock,
    progress: one.progress,
  };
}

/** One pass over all: to keep more than a million plans takes longer than to make them. */
function decideEvery() {
  const rows = new Set<Row | undefined>();
  const broken = new Map<string, { readonly seen: Observation; readonly plan: Plan }[]>();
  let count = 0;
  for (const one of combinations(KINDS)) {
    const seen = toObservation(one);
    const plan = decide(seen);
    count++;
    rows.add(rowOf(seen));
    for (const [title, holds] of Object.entries(RULES)) {
      if (!holds(plan, seen)) broken.set(title, [...(broken.get(title) ?? []), { seen, plan }].slice(0, 3));
    }
  }
  return { rows, broken, count };
}

describe('every observation', () => {
  const { rows, broken, count } = decideEvery();

  test('when all are counted, no combination is missing, and every row of the table applies to some', () => {
    expect(count).toBe(2 * 2 * 8 * 2 * 2 * 2 * 3 * 2 * 3 * 3 * 6 * 17);
    expect(rows).toEqual(new Set(ROWS));
  });

  test.each(Object.keys(RULES))('%s', (title) => {
    expect(broken.get(title)).toBeUndefined();
  });
});
