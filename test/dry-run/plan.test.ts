import { describe, expect, test } from 'vitest';
import { plan, type Situation } from '../../src/dry-run/plan.ts';
import type { Health } from '../../src/process/health.ts';
import type { Running } from '../../src/process/identity.ts';
import { DEFAULT_SETTINGS } from '../../src/settings.ts';

const running = (pid: number): Running => ({ kind: 'running', pid, startTime: 1, threads: 1, evidence: 'exe' });

const HEALTHY: Health = { kind: 'healthy', running: [running(7), running(8)] };
const IN_PART: Health = { kind: 'down', running: [running(7)], gone: [{ kind: 'gone', pid: 9, why: 'is no process' }] };
const DOWN: Health = { kind: 'down', running: [], gone: [] };
const UNKNOWN: Health = {
  kind: 'unknown',
  unknown: [{ kind: 'unknown', pid: 7, startTime: 1, why: 'cannot be read', passing: false }],
};

const SERVICE = { runfile: '/r', binfile: '/b', pidfile: '/p', command: 'c', forceRestartFile: '/f' };
const SURVIVORS = [{ pid: 5, startTime: 1 }];
const RUN = { kind: 'run', command: 'c' };
const signal = (name: string, ...pids: number[]) => ({
  kind: 'signal',
  signals: [name, 'SIGCONT'],
  pids,
  killAfter: 8,
});

function planOf(changes: Partial<Situation>) {
  return plan({
    service: SERVICE,
    settings: DEFAULT_SETTINGS,
    pidfile: { path: '/p', pids: [], access: undefined },
    health: HEALTHY,
    survivors: [],
    isMeantToRun: true,
    isForced: false,
    untrusted: undefined,
    lockHolder: undefined,
    unlockable: undefined,
    isBarred: () => false,
    ...changes,
  });
}

/** All that can stand in the way of a run, but for the first things that it looks at. */
const OBSTACLES = { unlockable: 'no lock', lockHolder: 3, untrusted: 'of all', isBarred: () => true };

describe('nothing to do', () => {
  test('when the service is not meant to run, nothing else counts', () => {
    for (const health of [HEALTHY, IN_PART, DOWN, UNKNOWN]) {
      const made = planOf({ isMeantToRun: false, health, isForced: true, ...OBSTACLES });
      expect(made).toMatchObject({ action: 'nothing', steps: [], status: 0 });
    }
  });

  test('when it is healthy and nobody orders a restart, no obstacle counts', () => {
    expect(planOf(OBSTACLES)).toEqual({ action: 'nothing', why: 'all PIDs run', steps: [], status: 0 });
  });
});

describe('a refusal, in the order in which a run comes to it', () => {
  const TABLE = [
    ['it cannot be told', { health: UNKNOWN, ...OBSTACLES }, 'PID 7 cannot be read', 5],
    ['there is no place for a lock', OBSTACLES, 'no lock', 5],
    ['another run has the lock', { ...OBSTACLES, unlockable: undefined }, 'another sipwd, PID 3, is at work on it', 75],
    [
      'the pidfile is not trusted',
      { untrusted: 'of all', isBarred: () => true },
      'the pidfile cannot be trusted: of all',
      4,
    ],
    [
      'one may not be signalled',
      { isBarred: (pid: number) => pid === 7 },
      'PID 7 may not be signalled by this user',
      4,
    ],
  ] as const;
  for (const [when, changes, why, status] of TABLE) {
    test(`when ${when}: exit ${status}`, () => {
      expect(planOf({ health: IN_PART, ...changes })).toEqual({ action: 'refuse', why, steps: [], status });
    });
  }

  test('when a restart is ordered and one may not be signalled, what a run does before that is foretold', () => {
    const remove = { kind: 'remove', path: '/f' };
    const steps = (barred: number) =>
      planOf({ isForced: true, survivors: SURVIVORS, isBarred: (pid) => pid === barred }).steps;
    expect(steps(8)).toEqual([remove]);
    expect(steps(5)).toEqual([remove, signal('SIGABRT', 7, 8)]);
  });
});

describe('something to do', () => {
  test('when nothing runs, it is started', () => {
    expect(planOf({ health: DOWN })).toEqual({
      action: 'start',
      why: 'there is no pidfile /p',
      steps: [RUN],
      status: 1,
    });
  });

  test('when a part runs, or there are survivors, they are ended first', () => {
    expect(planOf({ health: IN_PART, survivors: SURVIVORS })).toEqual({
      action: 'clean up and start',
      why: 'PID 9 is no process',
      steps: [signal('SIGTERM', 7, 5), RUN],
      status: 1,
    });
    expect(planOf({ health: DOWN, survivors: SURVIVORS })).toMatchObject({
      action: 'clean up and start',
      steps: [signal('SIGTERM', 5), RUN],
    });
  });

  test('when a restart is ordered, the file is removed, and only survivors get SIGTERM', () => {
    expect(planOf({ isForced: true, survivors: SURVIVORS })).toEqual({
      action: 'restart by force',
      why: 'there is /f',
      steps: [{ kind: 'remove', path: '/f' }, signal('SIGABRT', 7, 8), signal('SIGTERM', 5), RUN],
      status: 1,
    });
    expect(planOf({ isForced: true, health: DOWN })).toMatchObject({
      why: 'there is no pidfile /p, and there is /f',
      steps: [{ kind: 'remove', path: '/f' }, RUN],
    });
  });

  test('when the start is left to the caller, the last step is an exit', () => {
    const settings = { ...DEFAULT_SETTINGS, exitIfDown: true };
    expect(planOf({ health: DOWN, settings })).toMatchObject({ steps: [{ kind: 'exit', status: 1 }], status: 1 });
  });

  test('when there are timeouts, each signal has its own, in seconds', () => {
    const settings = { ...DEFAULT_SETTINGS, timeouts: { ...DEFAULT_SETTINGS.timeouts, term: 500, abort: 2000 } };
    const { steps } = planOf({ isForced: true, survivors: SURVIVORS, settings });
    expect(steps.flatMap((step) => (step.kind === 'signal' ? [step.killAfter] : []))).toEqual([2, 0.5]);
  });
});
