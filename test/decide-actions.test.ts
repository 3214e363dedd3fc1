import { describe, expect, test } from 'vitest';
import { DEFAULT_SETTINGS } from '../src/args/settings.ts';
import { messages } from '../src/log/messages.ts';
import { because, problem, why } from '../src/log/reasons.ts';
import { leftOver } from './support/messages.ts';
import {
  ACTED,
  CLEANED_UP,
  DOWN,
  DOWN_NOTICE,
  EXIT_INSTEAD,
  HEALTHY,
  IGNORED,
  IN_PART,
  LOST_MAIN,
  listedIn,
  NO_PIDFILE,
  NO_PIDS,
  ORDER,
  OURS,
  PIDFILE,
  planOf,
  REMOVE_ORDER,
  START,
  signal,
  WORKER,
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
    const plan = planOf({ health: DOWN, progress: CLEANED_UP });
    expect(plan).toMatchObject({ kind: 'start', actions: [START], messages: [], status: 0 });
  });

  test('when there is no pidfile, or no PID in it, that is the reason', () => {
    expect(planOf({ pidfile: NO_PIDFILE, health: NO_PIDS }).why).toBe(why.noPidfile('/p'));
    expect(planOf({ pidfile: { ...PIDFILE, pids: [] }, health: NO_PIDS }).why).toBe(why.noPid('/p'));
  });

  test('when some main processes run, they and the workers get SIGTERM before the start', () => {
    expect(planOf({ health: IN_PART, unlisted: [WORKER], lock: OURS })).toEqual({
      kind: 'clean up and start',
      why: `PID 9 ${because.absent()}`,
      actions: [signal('SIGTERM', [...listedIn(IN_PART), WORKER]), START],
      messages: [DOWN_NOTICE, leftOver([5], 'session')],
      end: undefined,
      status: 0,
    });
  });

  test('when the pidfile names no member, all members get SIGTERM, main processes and workers', () => {
    expect(planOf({ pidfile: NO_PIDFILE, health: NO_PIDS, unlisted: [LOST_MAIN, WORKER] })).toMatchObject({
      kind: 'clean up and start',
      actions: [signal('SIGTERM', [LOST_MAIN, WORKER]), START],
    });
  });

  test('when there is a force-restart file, it is removed first; main processes get SIGABRT, workers SIGTERM', () => {
    expect(planOf({ forceFile: ORDER, unlisted: [WORKER], lock: OURS })).toEqual({
      kind: 'forced restart',
      why: why.ordered('/f'),
      actions: [REMOVE_ORDER, signal('SIGABRT', listedIn(HEALTHY)), signal('SIGTERM', [WORKER]), START],
      messages: [],
      end: undefined,
      status: 0,
    });
  });

  test('when there is a force-restart file, a main process that the pidfile does not name gets SIGABRT as well', () => {
    const { actions } = planOf({ health: IN_PART, forceFile: ORDER, unlisted: [LOST_MAIN, WORKER] });
    const toAbort = [...listedIn(IN_PART), LOST_MAIN];
    expect(actions).toEqual([REMOVE_ORDER, signal('SIGABRT', toAbort), signal('SIGTERM', [WORKER]), START]);
  });

  test('when there is a force-restart file and the service is down, the plan has both reasons', () => {
    expect(planOf({ health: DOWN, forceFile: ORDER })).toMatchObject({
      kind: 'forced restart',
      why: `PID 9 ${because.absent()}, and ${why.ordered('/f')}`,
      actions: [REMOVE_ORDER, START],
    });
  });

  test('when --exit-if-down is given, the last action is an exit instead of the start', () => {
    const settings = { exitIfDown: true };
    expect(planOf({ health: IN_PART, settings })).toMatchObject({
      actions: [signal('SIGTERM', listedIn(IN_PART)), EXIT_INSTEAD],
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
    const { actions } = planOf({ forceFile: ORDER, unlisted: [WORKER], settings });
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

  test('when members are left that the pidfile does not name, the log names them, with the evidence', () => {
    const left = messages.leftOver(['PID 4 (snapshot)', 'PID 5 (session)']);
    for (const health of [DOWN, IN_PART]) {
      expect(planOf({ health, unlisted: [LOST_MAIN, WORKER] }).messages).toEqual([DOWN_NOTICE, left]);
    }
  });

  test('when the pidfile names all members, or the service is healthy, none is called left over', () => {
    expect(planOf({ health: IN_PART }).messages).toEqual([DOWN_NOTICE]);
    expect(planOf({ forceFile: ORDER, unlisted: [WORKER] }).messages).toEqual([]);
  });

  test('when the run has acted, nothing is logged again', () => {
    const changes = { health: DOWN, unlisted: [WORKER], forceFile: IGNORED, hasBinary: false, progress: ACTED };
    expect(planOf(changes).messages).toEqual([]);
  });
});
