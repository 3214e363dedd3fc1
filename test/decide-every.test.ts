import { describe, expect, test } from 'vitest';
import type { Settings } from '../src/args/settings.ts';
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
  product,
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

const PROGRESSES = product<Progress>({
  pidfile: [ACTED.pidfile, CHANGED.pidfile],
  members: [[]],
  isForced: [false],
  isOrderStuck: [false, true],
  isCleanedUp: [false, true],
  unkillable: [[], UNKILLABLE],
  failures: [0],
});

interface Dimensions
  extends Omit<Observation, 'service' | 'verdicts' | 'pidfile' | 'health' | 'members' | 'hold' | 'pause'> {
  readonly waits: Pick<Observation, 'hold' | 'pause'>;
  readonly found: { readonly pidfile: Pidfile; readonly health: Health };
  readonly unlisted: readonly Member[];
  readonly settings: Partial<Settings>;
}

/** Every observation: a value of each kind that its type allows, in all combinations. */
const EVERY = product<Dimensions>({
  isEnabled: [true, false],
  tally: [undefined],
  found: [
    ...[HEALTHY, IN_PART, DOWN, STALE, OTHER_PROGRAM, UNKNOWN].map((health) => ({ pidfile: PIDFILE, health })),
    { pidfile: { ...PIDFILE, pids: [] }, health: NO_PIDS },
    { pidfile: NO_PIDFILE, health: NO_PIDS },
  ],
  unlisted: [[], [LOST_MAIN, WORKER]],
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
  settings: [{ exitIfDown: false }, { exitIfDown: true }],
  progress: [undefined, ...PROGRESSES],
}).map(({ found, waits, ...changes }) => {
  const seen = observation({ ...found, ...waits, ...changes });
  return { seen, plan: decide(seen) };
});

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

/** The first few plans that break a rule. */
const breaking = (holds: (plan: Plan, seen: Observation) => boolean) =>
  EVERY.filter(({ plan, seen }) => !holds(plan, seen)).slice(0, 3);

describe('every observation', () => {
  test('when all are counted, no combination is missing, and every row of the table applies to some', () => {
    expect(EVERY).toHaveLength(2 * 8 * 2 * 2 * 3 * 2 * 3 * 3 * 6 * 2 * 17);
    expect(new Set(EVERY.map(({ seen }) => rowOf(seen)))).toEqual(new Set(ROWS));
  });

  test('whatever is observed, the first row that applies gives kind and exit status', () => {
    const holds = ({ kind, status }: Plan, seen: Observation) => {
      const [expected, expectedStatus] = rowOf(seen) ?? [];
      return kind === expected && status === expectedStatus;
    };
    expect(breaking(holds)).toEqual([]);
  });

  test('whatever is observed, the plan has exactly the actions of its kind, in order', () => {
    // As text, which is fast enough for all of them.
    const holds = ({ kind, actions }: Plan, seen: Observation) =>
      JSON.stringify(actions) === JSON.stringify(actionsOf(kind, seen));
    expect(breaking(holds)).toEqual([]);
  });

  test('whatever is observed, a plan ends the run, and says why, if it has nothing to do or refuses', () => {
    const holds = ({ kind, end, actions, why }: Plan) =>
      why !== '' && (kind === 'nothing' || kind === 'refuse' ? end !== undefined && actions.length === 0 : !end);
    expect(breaking(holds)).toEqual([]);
  });

  test('whatever is observed, a plan that starts the service first signals all that is left of it', () => {
    const holds = ({ actions }: Plan, seen: Observation) => {
      const signalled = actions.flatMap((action) => (action.kind === 'signal' ? action.processes : []));
      return actions.length === 0 || seen.members.every((one) => signalled.filter((each) => each === one).length === 1);
    };
    expect(breaking(holds)).toEqual([]);
  });

  test('when an obstacle is observed, no plan signals, removes or starts anything', () => {
    const isBlocked = (seen: Observation) =>
      !seen.isEnabled ||
      seen.health === UNKNOWN ||
      seen.distrust !== undefined ||
      isBarred(seen) ||
      isUnconfirmed(seen) ||
      isHeld(seen) ||
      isPaused(seen) ||
      [HELD, STARTING, NOT_AVAILABLE].some((lock) => lock === seen.lock) ||
      seen.progress?.unkillable === UNKILLABLE;
    expect(breaking(({ actions }, seen) => !isBlocked(seen) || actions.length === 0)).toEqual([]);
  });

  test('when the run has acted, or the service is disabled, the plan logs nothing more before it acts', () => {
    const isSilent = ({ isEnabled, progress }: Observation) => !isEnabled || progress !== undefined;
    expect(breaking((plan, seen) => !isSilent(seen) || plan.messages.length === 0)).toEqual([]);
  });

  test('when a run begins and is going to act, it logs first why the service is down', () => {
    const isDue = ({ end }: Plan, { progress, health }: Observation) =>
      end === undefined && progress === undefined && health.kind === 'down';
    const says = (event: string, { messages }: Plan) => messages.filter((each) => each.event === event).length === 1;
    expect(breaking((plan, seen) => !isDue(plan, seen) || says('down', plan))).toEqual([]);
    expect(breaking((plan, seen) => !isDue(plan, seen) || says('noSuchBinary', plan) === !seen.hasBinary)).toEqual([]);
  });
});
