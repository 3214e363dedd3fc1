import { describe, expect, test } from 'vitest';
import type { Settings } from '../src/args/settings.ts';
import { type Action, decide, type Plan } from '../src/decide.ts';
import type { ExitStatus } from '../src/exit.ts';
import type { Pidfile } from '../src/files/pidfile.ts';
import { type Health, runningIn } from '../src/service/health.ts';
import type { Observation, Progress } from '../src/service/observation.ts';
import {
  ACTED,
  CHANGED,
  DISTRUST,
  DOWN,
  EXIT_INSTEAD,
  FREE,
  HEALTHY,
  HELD,
  IGNORED,
  IN_PART,
  NO_PIDFILE,
  NO_PIDS,
  NOT_AVAILABLE,
  ORDER,
  OURS,
  observation,
  PIDFILE,
  product,
  REMOVE,
  START,
  signal,
  UNKILLABLE,
  UNKNOWN,
  WORKERS,
} from './support/observation.ts';

const PROGRESSES = product<Progress>({
  pidfile: [ACTED.pidfile, CHANGED.pidfile],
  mains: [[]],
  workers: [[]],
  isOrderStuck: [false, true],
  isCleanedUp: [false, true],
  unkillable: [[], UNKILLABLE],
});

interface Dimensions extends Omit<Observation, 'service' | 'verdicts' | 'pidfile' | 'health'> {
  readonly found: { readonly pidfile: Pidfile; readonly health: Health };
  readonly settings: Partial<Settings>;
}

/** Every observation: a value of each kind that its type allows, in all combinations. */
const EVERY = product<Dimensions>({
  isEnabled: [true, false],
  found: [
    ...[HEALTHY, IN_PART, DOWN, UNKNOWN].map((health) => ({ pidfile: PIDFILE, health })),
    { pidfile: { ...PIDFILE, pids: [] }, health: NO_PIDS },
    { pidfile: NO_PIDFILE, health: NO_PIDS },
  ],
  workers: [[], WORKERS],
  hasBinary: [true, false],
  forceFile: [{ kind: 'absent' }, ORDER, IGNORED],
  distrust: [undefined, DISTRUST],
  barred: [[], [7]],
  lock: [undefined, FREE, OURS, HELD, NOT_AVAILABLE],
  settings: [{ exitIfDown: false }, { exitIfDown: true }],
  progress: [undefined, ...PROGRESSES],
}).map(({ found, ...changes }) => {
  const seen = observation({ ...found, ...changes });
  return { seen, plan: decide(seen) };
});

const leftIn = (seen: Observation) => [...runningIn(seen.health), ...seen.workers];
const isLeft = (seen: Observation) => leftIn(seen).length > 0;
const isOrdered = ({ forceFile, progress }: Observation) => progress === undefined && forceFile === ORDER;
const isHealthy = (seen: Observation) => seen.health === HEALTHY && !isOrdered(seen);
const isStuck = ({ progress }: Observation) => progress?.isOrderStuck === true;
const leavesStart = ({ service }: Observation) => service.settings.exitIfDown;

/** Whether the pidfile changed during the run, and names a process that runs or may run. */
const isElsewhere = ({ health, progress }: Observation) =>
  progress?.pidfile === CHANGED.pidfile && [HEALTHY, IN_PART, UNKNOWN].includes(health);

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
  ['refuse', 75, (seen) => seen.lock === HELD],
  ['refuse', 5, (seen) => seen.lock === NOT_AVAILABLE],
  ['refuse', 4, (seen) => seen.distrust === DISTRUST],
  ['refuse', 4, (seen) => seen.barred.length > 0],
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
  const term = isLeft(seen) ? [signal('SIGTERM', leftIn(seen))] : [];
  const abort = runningIn(seen.health).length > 0 ? [signal('SIGABRT', runningIn(seen.health))] : [];
  const workers = seen.workers.length > 0 ? [signal('SIGTERM', seen.workers)] : [];
  const last = leavesStart(seen) ? EXIT_INSTEAD : START;
  const actions: Record<Plan['kind'], Action[]> = {
    nothing: [],
    refuse: [],
    start: [last],
    'clean up and start': [...term, last],
    'forced restart': [REMOVE, ...abort, ...workers, last],
  };
  return actions[kind];
}

/** The first few plans that break a rule. */
const breaking = (holds: (plan: Plan, seen: Observation) => boolean) =>
  EVERY.filter(({ plan, seen }) => !holds(plan, seen)).slice(0, 3);

describe('every observation', () => {
  test('when all are counted, no combination is missing, and every row of the table applies to some', () => {
    expect(EVERY).toHaveLength(2 * 6 * 2 * 2 * 3 * 2 * 2 * 5 * 2 * 17);
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
      return actions.length === 0 || leftIn(seen).every((one) => signalled.filter((each) => each === one).length === 1);
    };
    expect(breaking(holds)).toEqual([]);
  });

  test('when an obstacle is observed, no plan signals, removes or starts anything', () => {
    const isBlocked = ({ isEnabled, health, distrust, barred, lock, progress }: Observation) =>
      !isEnabled ||
      health === UNKNOWN ||
      distrust !== undefined ||
      barred.length > 0 ||
      lock === HELD ||
      lock === NOT_AVAILABLE ||
      progress?.unkillable === UNKILLABLE;
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
