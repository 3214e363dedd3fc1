import { describe, expect, test } from 'vitest';
import { messages } from '../src/log/messages.ts';
import { because, why } from '../src/log/reasons.ts';
import {
  ACTED,
  CHANGED,
  CLEANED_UP,
  DOWN,
  HEALTHY,
  IN_PART,
  LOCKED,
  listedIn,
  NO_PIDFILE,
  NO_PIDS,
  ORDER,
  PIDFILE,
  planOf,
  START,
  signal,
  UNKILLABLE,
  UNKNOWN,
  WORKER,
} from './support/observation.ts';

describe('the rules in order of precedence: when one applies, those after it do not count', () => {
  test('when the runfile does not exist, there is nothing to do', () => {
    for (const health of [HEALTHY, IN_PART, DOWN, NO_PIDS, UNKNOWN]) {
      const end = messages.disabled('/r');
      const plan = planOf({ isEnabled: false, health, unlisted: [WORKER], forceFile: ORDER, ...LOCKED });
      expect(plan).toEqual({ kind: 'nothing', why: end.text, actions: [], messages: [], end, status: 0 });
    }
  });

  test('when the runfile is removed during a run, nothing more is done', () => {
    const progress = { ...CHANGED, isOrderStuck: true, unkillable: UNKILLABLE };
    expect(planOf({ isEnabled: false, health: IN_PART, progress, ...LOCKED })).toMatchObject({
      kind: 'nothing',
      end: messages.disabledMeanwhile('/r'),
      status: 0,
    });
  });

  test('when the pidfile changes during a run and names a process that runs, the service is not started again', () => {
    const progress = { ...CHANGED, isCleanedUp: true, unkillable: UNKILLABLE };
    const end = messages.startedElsewhere([7]);
    const plan = planOf({ health: IN_PART, progress, ...LOCKED });
    expect(plan).toEqual({ kind: 'nothing', why: end.text, actions: [], messages: [], end, status: 0 });
  });

  test('when the pidfile changes during a run and names a process that may run, the service is not started again', () => {
    const end = messages.startedElsewhere([8]);
    expect(planOf({ health: UNKNOWN, progress: CHANGED })).toMatchObject({ kind: 'nothing', end, status: 0 });
  });

  test('when the pidfile changes during a run and names processes that ran before, they are killed', () => {
    const progress = { ...CHANGED, members: listedIn(IN_PART) };
    expect(planOf({ health: IN_PART, progress })).toMatchObject({
      actions: [signal('SIGTERM', listedIn(IN_PART)), START],
    });
    const before = listedIn(IN_PART).map((member) => ({ ...member, startTime: member.startTime - 1 }));
    const end = messages.startedElsewhere([7]);
    expect(planOf({ health: IN_PART, progress: { ...CHANGED, members: before } })).toMatchObject({ end, actions: [] });
  });

  test('when another program has started the service and the force-restart file cannot be removed, exit 4', () => {
    const progress = { ...CHANGED, isOrderStuck: true };
    expect(planOf({ progress })).toMatchObject({ end: messages.startedElsewhere([7, 8]), status: 4 });
  });

  test('when the pidfile changes during a run and names no process that runs, the service is started', () => {
    for (const [pidfile, health] of [
      [PIDFILE, DOWN],
      [NO_PIDFILE, NO_PIDS],
    ] as const) {
      expect(planOf({ pidfile, health, progress: CHANGED })).toMatchObject({ kind: 'start', actions: [START] });
    }
  });

  test('when a PID is unknown, nothing is signalled or started, even in a forced restart: exit 5', () => {
    const end = messages.cannotTell(`PID 8 ${because.exiting()}`);
    const progress = { ...CLEANED_UP, unkillable: UNKILLABLE };
    for (const changes of [{ forceFile: ORDER }, { progress }]) {
      const plan = planOf({ health: UNKNOWN, unlisted: [WORKER], ...LOCKED, ...changes });
      expect(plan).toEqual({ kind: 'refuse', why: end.text, actions: [], messages: [], end, status: 5 });
    }
  });

  test('when a process is unkillable, the service is not started, even if it looks healthy: exit 4', () => {
    const end = messages.notStopped(`PID 6 ${because.unkillable(5)}`);
    for (const health of [HEALTHY, IN_PART, DOWN]) {
      const plan = planOf({ health, progress: { ...CLEANED_UP, unkillable: UNKILLABLE }, ...LOCKED });
      expect(plan).toEqual({ kind: 'refuse', why: end.text, actions: [], messages: [], end, status: 4 });
    }
  });

  test('when the service is healthy and there is no force-restart file, no obstacle counts', () => {
    const plan = planOf({ unlisted: [WORKER], ...LOCKED });
    const end = messages.healthy([7, 8]);
    expect(plan).toEqual({ kind: 'nothing', why: why.allRun(), actions: [], messages: [], end, status: 0 });
  });

  test('when a force-restart file appears during a run, it waits for the next run', () => {
    expect(planOf({ forceFile: ORDER, progress: ACTED })).toMatchObject({ kind: 'nothing', status: 0 });
    expect(planOf({ health: IN_PART, forceFile: ORDER, progress: ACTED })).toMatchObject({
      kind: 'clean up and start',
      actions: [signal('SIGTERM', listedIn(IN_PART)), START],
    });
  });

  test('when the service is healthy and the force-restart file cannot be removed, exit 4', () => {
    const progress = { ...ACTED, isOrderStuck: true };
    expect(planOf({ forceFile: ORDER, progress })).toMatchObject({
      kind: 'nothing',
      end: messages.healthy([7, 8]),
      status: 4,
    });
  });
});
