import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { backoff, type History } from '../../src/service/backoff.ts';
import { TICKS_PER_SECOND } from '../../src/service/members.ts';
import { expectToHold } from '../support/seed.ts';

type Start = NonNullable<History['start']>;

const RUNFILE = '1 2 3';
const DAY = 86_400;
const MINUTE = 60;

/** Any start, from the first second after boot to about four months later, in a pause or not. */
const anyStart = fc.record<Start>({
  began: fc.nat(1e9),
  state: fc.constantFrom('running', 'failed', 'not confirmed', 'confirmed'),
  failuresBefore: fc.nat(40),
  pausedAt: fc.oneof(fc.constant(undefined), fc.nat(1e9)) as fc.Arbitrary<number>,
  runfile: fc.constant(RUNFILE),
});
const anyLongest = fc.nat(DAY);
const anyNow = fc.nat(2e7);

const decided = (start: Start | null, longest: number, now: number, runfile = RUNFILE) =>
  backoff({ start, runfile, longest }, now);

describe('the decision between start and pause', () => {
  test('when sipwd has not started the service, or no pause is allowed, or the runfile was touched, it is started', () => {
    const property = fc.property(anyStart, anyLongest, anyNow, (start, longest, now) => {
      expect(decided(null, longest, now)).toEqual({ kind: 'start', failures: 0 });
      expect(decided(start, 0, now).kind).toBe('start');
      expect(decided(start, longest, now, '1 2 4')).toEqual({ kind: 'start', failures: 0 });
    });
    expectToHold(property);
  });

  test('when the service was up for more than ten minutes, it is started, and no failure counts', () => {
    const property = fc.property(anyStart, anyLongest, fc.integer({ min: 601, max: DAY }), (any, longest, age) => {
      const { pausedAt: _, ...start } = any;
      const now = start.began / TICKS_PER_SECOND + age;
      expect(decided({ ...start, state: 'confirmed' }, longest, now)).toEqual({ kind: 'start', failures: 0 });
    });
    expectToHold(property);
  });

  test('when there is a pause, at least two starts have failed, and it is as long as the rule says', () => {
    const property = fc.property(anyStart, anyLongest, anyNow, (start, longest, now) => {
      const found = decided(start, longest, now);
      if (found.kind === 'start') return;
      const { failures, until, isNew } = found;
      const since = start.pausedAt === undefined ? now : start.pausedAt / TICKS_PER_SECOND;
      expect(failures).toBe((start.failuresBefore ?? 0) + 1);
      expect(failures).toBeGreaterThan(1);
      expect(isNew).toBe(start.pausedAt === undefined);
      expect(until - since).toBeCloseTo(Math.min(120 * 2 ** (failures - 2), longest));
    });
    expectToHold(property);
  });

  test('when a pause has begun, it goes on until its time, and then it is over for good', () => {
    const ages = fc.tuple(fc.nat(DAY), fc.nat(DAY), fc.integer({ min: 1, max: 40 }), anyLongest);
    const property = fc.property(anyStart, ages, (any, [wait, more, failuresBefore, longest]) => {
      const pausedAt = any.began + 100;
      const start = { ...any, pausedAt, failuresBefore };
      const at = (seconds: number) => decided(start, longest, pausedAt / TICKS_PER_SECOND + seconds).kind;
      const length = Math.min(120 * 2 ** (failuresBefore - 1), longest);
      if (wait < length - 5 && wait < length * 0.95) expect(at(wait)).toBe('pause');
      if (wait >= length) expect(at(wait)).toBe('start');
      if (at(wait) === 'start') expect(at(wait + more)).toBe('start');
    });
    expectToHold(property);
  });

  test('when every start fails and sipwd runs every minute, the pauses are 2, 4, 8 … minutes, at most the longest', () => {
    const property = fc.property(fc.integer({ min: 1, max: DAY }), fc.nat(1e6), (longest, boot) => {
      let start: Start | undefined;
      const pauses: number[] = [];
      for (let now = boot; pauses.length < 8; now += MINUTE) {
        const found = decided(start ?? null, longest, now);
        if (found.kind === 'pause' && found.isNew && start !== undefined) {
          pauses.push(found.until - now);
          start = { ...start, pausedAt: now * TICKS_PER_SECOND };
        } else if (found.kind === 'start') {
          start = { began: now * TICKS_PER_SECOND, state: 'failed', failuresBefore: found.failures, runfile: RUNFILE };
        }
      }
      expect(pauses).toEqual([2, 4, 8, 16, 32, 64, 128, 256].map((each) => Math.min(each * MINUTE, longest)));
    });
    expectToHold(property, 50);
  });

  test('when the time since boot is before the last start, as in a container, the service is started', () => {
    const start: Start = { began: 1000, state: 'failed', failuresBefore: 9, runfile: RUNFILE };
    expect(decided(start, DAY, 9)).toEqual({ kind: 'start', failures: 0 });
  });
});
