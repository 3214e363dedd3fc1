import { describe, expect, test } from 'vitest';
import { EXIT, type ExitStatus } from '../../src/exit.ts';
import { eventOf } from '../../src/service/event.ts';
import { newTrail, type Trail } from '../../src/service/trail.ts';
import { NEW_PAUSE, observation, PAUSE } from '../support/observation.ts';

const event = (status: ExitStatus, trail: Partial<Trail> = {}) =>
  eventOf({ status, trail: { ...newTrail(), ...trail } });

describe('the event of a run', () => {
  test('when it did nothing, there is none', () => {
    expect(event(EXIT.ok)).toBeUndefined();
    expect(event(EXIT.ok, { isEnabled: false })).toBeUndefined();
    expect(event(EXIT.busy)).toBeUndefined();
  });

  test('when it started the service, it says how', () => {
    expect(event(EXIT.ok, { did: 'started' })).toBe('started');
    expect(event(EXIT.ok, { did: 'restarted' })).toBe('restarted');
  });

  test.each([
    [EXIT.badPidfile, 'bad-pidfile'],
    [EXIT.startFailed, 'start-failed'],
    [EXIT.notStopped, 'not-stopped'],
    [EXIT.cannotTell, 'cannot-tell'],
    [EXIT.noProcfs, 'cannot-tell'],
  ] as const)('when the exit status is %s, it is %s', (status, name) => {
    expect(event(status)).toBe(name);
  });

  test('when a start is left to the caller, there is none', () => {
    expect(event(EXIT.startNeeded, { seen: observation() })).toBeUndefined();
  });

  test('when a pause begins, it is paused; while it lasts, there is none', () => {
    expect(event(EXIT.paused, { seen: observation({ pause: NEW_PAUSE }) })).toBe('paused');
    expect(event(EXIT.paused, { seen: observation({ pause: PAUSE }) })).toBeUndefined();
  });
});
