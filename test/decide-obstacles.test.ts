import { describe, expect, test } from 'vitest';
import { decide } from '../src/decide.ts';
import { messages } from '../src/log/messages.ts';
import { because, why } from '../src/log/reasons.ts';
import { leftOver } from './support/messages.ts';
import {
  ACTED,
  ANCESTOR,
  BARRED,
  CARRIER,
  CLEANED_UP,
  DISTRUST,
  DISTRUSTED,
  DOWN,
  DOWN_NOTICE,
  HEALTHY,
  HOLD,
  IN_PART,
  LOCKED,
  listedIn,
  NEW_PAUSE,
  NO_PIDFILE,
  NO_PIDS,
  NOT_AVAILABLE,
  ORDER,
  OURS,
  observation,
  PAUSE,
  planOf,
  REMOVE_ORDER,
  START,
  STARTING,
  signal,
  UNCONFIRMED,
  WORKER,
} from './support/observation.ts';

describe('the obstacles in order of precedence: when one is met, those after it do not count', () => {
  test('when another run holds the lock, nothing is done: exit 75', () => {
    const end = messages.busy();
    const plan = planOf({ health: IN_PART, ...LOCKED });
    expect(plan).toEqual({ kind: 'refuse', why: end.text, actions: [], messages: [], end, status: 75 });
    expect(planOf({ forceFile: ORDER, ...LOCKED })).toEqual(plan);
  });

  test('when the start command of a run that was killed still runs, nothing is done: exit 75', () => {
    const end = messages.stillStarting(4);
    const plan = planOf({ health: IN_PART, ...UNCONFIRMED, lock: STARTING });
    expect(plan).toEqual({ kind: 'refuse', why: end.text, actions: [], messages: [], end, status: 75 });
    expect(planOf({ forceFile: ORDER, ...UNCONFIRMED, lock: STARTING })).toEqual(plan);
  });

  test('when the lock cannot be taken, nothing is done, and the log says why the service is down: exit 5', () => {
    const end = messages.cannotLock('/l', 'no space');
    const plan = planOf({ health: IN_PART, ...UNCONFIRMED, lock: NOT_AVAILABLE });
    expect(plan).toEqual({ kind: 'refuse', why: end.text, actions: [], messages: [DOWN_NOTICE], end, status: 5 });
  });

  test('when the last start is not confirmed, nothing is killed or started, and the message names all: exit 3', () => {
    const processes = [CARRIER, { ...CARRIER, pid: 6, exe: undefined, age: 0 }];
    const named = `${why.carrier(5, '/b', '61')}, ${why.carrier(6, undefined, '0')}`;
    const end = messages.notConfirmed(named, '/p', '/b');
    for (const health of [NO_PIDS, DOWN, IN_PART]) {
      const plan = planOf({ health, unlisted: [WORKER], ...UNCONFIRMED, unconfirmed: processes, lock: OURS });
      expect(plan).toEqual({ kind: 'refuse', why: end.text, actions: [], messages: [], end, status: 3 });
    }
  });

  test('when the last start is not confirmed and there is a force-restart file, its processes are killed', () => {
    const seen = { pidfile: NO_PIDFILE, health: NO_PIDS, unlisted: [WORKER], unconfirmed: [CARRIER] };
    const actions = [REMOVE_ORDER, signal('SIGTERM', [WORKER]), START];
    expect(planOf({ ...seen, forceFile: ORDER })).toMatchObject({ kind: 'forced restart', actions });
    expect(planOf({ ...seen, progress: ACTED })).toMatchObject({
      kind: 'clean up and start',
      actions: actions.slice(1),
    });
  });

  test('when that force-restart file cannot be removed, nothing is killed because of it: exit 3', () => {
    const progress = { ...ACTED, isOrderStuck: true };
    const seen = { health: DOWN, unlisted: [WORKER], unconfirmed: [CARRIER], forceFile: ORDER, progress };
    expect(planOf(seen)).toMatchObject({ kind: 'refuse', actions: [], status: 3 });
  });

  test('when the last start is not confirmed and the service is healthy, there is nothing to do', () => {
    expect(planOf({ unconfirmed: [CARRIER] })).toMatchObject({ kind: 'nothing', status: 0 });
  });

  test('when repairs are on hold, nothing is done, not even a forced restart, and no obstacle counts: exit 0', () => {
    const end = messages.held('/h', `PID 9 ${because.absent()}`);
    const plan = planOf({ health: IN_PART, ...LOCKED, hold: HOLD, pause: PAUSE });
    expect(plan).toEqual({ kind: 'nothing', why: end.text, actions: [], messages: [], end, status: 0 });
    expect(planOf({ forceFile: ORDER, hold: HOLD })).toMatchObject({
      kind: 'nothing',
      end: messages.held('/h', why.ordered('/f')),
    });
  });

  test('when a run has said so within the hour, it is a debug message', () => {
    const end = messages.stillHeld('/h', `PID 9 ${because.absent()}`);
    expect(planOf({ health: DOWN, hold: { ...HOLD, isSaid: true } })).toMatchObject({ kind: 'nothing', end });
  });

  test('when repairs are on hold and the service is healthy, the hold is not mentioned', () => {
    expect(planOf({ hold: HOLD })).toMatchObject({ kind: 'nothing', end: messages.healthy([7, 8]) });
  });

  test('when repairs are put on hold while a run repairs, that goes on', () => {
    expect(planOf({ health: DOWN, hold: HOLD, progress: ACTED })).toMatchObject({ kind: 'start', actions: [START] });
  });

  test('when a PID in the pidfile is another service, nothing is signalled or started: exit 4', () => {
    const seen = { ...observation({ health: IN_PART, ...DISTRUSTED }), members: [], claimed: [7] };
    const end = messages.claimed([7]);
    const plan = { kind: 'refuse', why: end.text, actions: [], messages: [DOWN_NOTICE], end, status: 4 };
    expect(decide(seen)).toEqual(plan);
    expect(decide({ ...seen, claimed: [] })).toMatchObject({ end: { event: 'refused' } });
  });

  test('when processes are left alone, the log names them', () => {
    const leftAlone = [{ pid: 5, why: because.stranger() }];
    expect(planOf({ health: DOWN, leftAlone }).messages).toEqual([
      DOWN_NOTICE,
      messages.leftAlone([`PID 5 ${because.stranger()}`]),
    ]);
  });

  test('when a pause begins, one warning says so, and no obstacle of a start counts: exit 6', () => {
    const end = messages.paused(2, NEW_PAUSE.endsAt, '/r', `PID 9 ${because.absent()}`);
    const plan = planOf({ health: IN_PART, ...DISTRUSTED, lock: OURS, failures: 2, pause: NEW_PAUSE });
    expect(plan).toEqual({ kind: 'refuse', why: end.text, actions: [], messages: [], end, status: 6 });
  });

  test('when a pause goes on, it is a debug message: exit 6', () => {
    const end = messages.stillPaused(2, PAUSE.endsAt, `PID 9 ${because.absent()}`);
    expect(planOf({ health: IN_PART, failures: 2, pause: PAUSE })).toMatchObject({ actions: [], end, status: 6 });
  });

  test('when a forced restart is ordered in a pause, the service is started', () => {
    const seen = { health: DOWN, failures: 2, pause: PAUSE, forceFile: ORDER };
    expect(planOf(seen)).toMatchObject({ kind: 'forced restart', actions: [REMOVE_ORDER, START] });
    expect(planOf({ ...seen, progress: ACTED })).toMatchObject({ kind: 'start', actions: [START] });
  });

  test('when the pidfile is not trusted, nothing is signalled or started, and the message names the fix: exit 4', () => {
    const end = messages.refused([7, 5], DISTRUST.why, DISTRUST.fix);
    const plan = planOf({ health: IN_PART, unlisted: [WORKER], ...DISTRUSTED, lock: OURS });
    expect(plan).toEqual({
      kind: 'refuse',
      why: end.text,
      actions: [],
      messages: [DOWN_NOTICE, leftOver([5], 'session')],
      end,
      status: 4,
    });
    expect(planOf({ forceFile: ORDER, ...DISTRUSTED })).toMatchObject({
      end: messages.refused([7, 8], DISTRUST.why, DISTRUST.fix),
    });
  });

  test('when one process may not be signalled, none is, and the force-restart file stays: exit 4', () => {
    const end = messages.notStopped(`PID 7 ${because.mayNotBeSignalled()}`);
    const plan = planOf({ health: IN_PART, barred: [BARRED], progress: CLEANED_UP });
    expect(plan).toEqual({ kind: 'refuse', why: end.text, actions: [], messages: [], end, status: 4 });
    expect(planOf({ forceFile: ORDER, barred: [BARRED] })).toEqual(plan);
  });

  test('when a process is an ancestor of sipwd, none is signalled: exit 4', () => {
    const end = messages.notStopped(`PID 8 ${because.ancestor()}`);
    const plan = planOf({ health: IN_PART, barred: [ANCESTOR], progress: CLEANED_UP });
    expect(plan).toEqual({ kind: 'refuse', why: end.text, actions: [], messages: [], end, status: 4 });
  });

  test('when there is a force-restart file, an ancestor of sipwd is no obstacle; one that may not be signalled is', () => {
    expect(planOf({ forceFile: ORDER, barred: [ANCESTOR] })).toMatchObject({
      kind: 'forced restart',
      actions: [REMOVE_ORDER, signal('SIGABRT', listedIn(HEALTHY)), START],
    });
    expect(planOf({ forceFile: ORDER, barred: [BARRED, ANCESTOR] })).toMatchObject({
      end: messages.notStopped(`PID 7 ${because.mayNotBeSignalled()}`),
      actions: [],
    });
  });

  test('when a process appears during the clean-up, the service is not started: exit 4', () => {
    const end = messages.notStopped(`PID 7 ${because.appeared()}, PID 5 ${because.appeared()}`);
    const plan = planOf({ health: IN_PART, unlisted: [WORKER], progress: CLEANED_UP });
    expect(plan).toEqual({ kind: 'refuse', why: end.text, actions: [], messages: [], end, status: 4 });
  });
});
