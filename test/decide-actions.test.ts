import { describe, expect, test } from 'vitest';
import { DEFAULT_SETTINGS } from '../src/args/settings.ts';
import { messages } from '../src/log/messages.ts';
import { because, problem, why } from '../src/log/reasons.ts';
import {
  ACTED,
  DOWN,
  DOWN_NOTICE,
  IGNORED,
  IN_PART,
  NO_PIDFILE,
  NO_PIDS,
  ORDER,
  OURS,
  PIDFILE,
  planOf,
  REMOVE,
  running,
  START,
  signal,
  WORKERS,
} from './support/observation.ts';

describe('a plan that acts', () => {
  test('when nothing runs, the service is started', () => {
    expect(planOf({ health: DOWN, lock: OURS })).toEqual({
      kind: 'start',
      why: `PID 9 ${because.absent()}`,
      actions: [START],
      messages: [DOWN_NOTICE],
      end: undefined,
      status: 0,
    });
  });

  test('when the clean-up is complete, the service is started', () => {
    const plan = planOf({ health: DOWN, progress: { ...ACTED, isCleanedUp: true } });
    expect(plan).toMatchObject({ kind: 'start', actions: [START], messages: [], status: 0 });
  });

  test('when there is no pidfile, or no PID in it, that is the reason', () => {
    expect(planOf({ pidfile: NO_PIDFILE, health: NO_PIDS }).why).toBe(why.noPidfile('/p'));
    expect(planOf({ pidfile: { ...PIDFILE, pids: [] }, health: NO_PIDS }).why).toBe(why.noPid('/p'));
  });

  test('when some main processes run, they and the workers get SIGTERM before the start', () => {
    expect(planOf({ health: IN_PART, workers: WORKERS, lock: OURS })).toEqual({
      kind: 'clean up and start',
      why: `PID 9 ${because.absent()}`,
      actions: [signal('SIGTERM', [running(7), ...WORKERS]), START],
      messages: [DOWN_NOTICE],
      end: undefined,
      status: 0,
    });
  });

  test('when only workers are left, the log names them as orphans', () => {
    expect(planOf({ health: DOWN, workers: WORKERS })).toMatchObject({
      kind: 'clean up and start',
      actions: [signal('SIGTERM', WORKERS), START],
      messages: [DOWN_NOTICE, messages.orphans([5])],
    });
  });

  test('when there is a force-restart file, it is removed first; main processes get SIGABRT, workers SIGTERM', () => {
    expect(planOf({ forceFile: ORDER, workers: WORKERS, lock: OURS })).toEqual({
      kind: 'forced restart',
      why: why.ordered('/f'),
      actions: [REMOVE, signal('SIGABRT', [running(7), running(8)]), signal('SIGTERM', WORKERS), START],
      messages: [],
      end: undefined,
      status: 0,
    });
  });

  test('when there is a force-restart file and the service is down, the plan has both reasons', () => {
    expect(planOf({ health: DOWN, forceFile: ORDER })).toMatchObject({
      kind: 'forced restart',
      why: `PID 9 ${because.absent()}, and ${why.ordered('/f')}`,
      actions: [REMOVE, START],
    });
  });

  test('when --exit-if-down is given, the last action is an exit instead of the start', () => {
    const settings = { exitIfDown: true };
    expect(planOf({ health: IN_PART, settings })).toMatchObject({
      actions: [signal('SIGTERM', [running(7)]), { kind: 'exit', status: 1 }],
      status: 1,
    });
  });

  test('when the force-restart file cannot be removed, the service is started, and the exit status is 4', () => {
    const progress = { ...ACTED, isOrderStuck: true };
    for (const exitIfDown of [false, true]) {
      expect(planOf({ health: DOWN, forceFile: ORDER, progress, settings: { exitIfDown } }).status).toBe(4);
    }
  });

  test('when the timeouts differ, each signal has its own', () => {
    const settings = { timeouts: { ...DEFAULT_SETTINGS.timeouts, term: 500, abort: 2_000 } };
    const { actions } = planOf({ forceFile: ORDER, workers: WORKERS, settings });
    expect(actions.flatMap((action) => (action.kind === 'signal' ? [action.timeout] : []))).toEqual([2_000, 500]);
  });
});

describe('what a run logs before it acts', () => {
  test('when the force-restart file is ignored, that is logged, even for a healthy service', () => {
    const ignored = messages.forceFileIgnored('/f', problem.notRegular());
    expect(planOf({ forceFile: IGNORED })).toMatchObject({ kind: 'nothing', messages: [ignored] });
    expect(planOf({ forceFile: IGNORED, health: DOWN }).messages).toEqual([ignored, DOWN_NOTICE]);
  });

  test('when there is no binary, that is logged for a service that is down, and for no other', () => {
    const missing = messages.noSuchBinary('/b');
    expect(planOf({ hasBinary: false, health: DOWN }).messages).toEqual([DOWN_NOTICE, missing]);
    expect(planOf({ hasBinary: false }).messages).toEqual([]);
  });

  test('when a main process still runs, its workers are not orphans', () => {
    expect(planOf({ health: IN_PART, workers: WORKERS }).messages).toEqual([DOWN_NOTICE]);
  });

  test('when the run has acted, nothing is logged again', () => {
    const changes = { health: DOWN, workers: WORKERS, forceFile: IGNORED, hasBinary: false, progress: ACTED };
    expect(planOf(changes).messages).toEqual([]);
  });
});
