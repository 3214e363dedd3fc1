import { expect, test } from 'vitest';
import { because, why } from '../../src/log/reasons.ts';
import { type Health, runningIn, toHealth, whyNotHealthy } from '../../src/service/health.ts';
import { gone, IN_PART, NO_PIDFILE, PIDFILE, running, UNKNOWN, unknown } from '../support/observation.ts';

type Down = Extract<Health, { kind: 'down' }>;

test('when all PIDs run and there is at least one, the service is healthy', () => {
  expect(toHealth([running(7), running(8)])).toEqual({ kind: 'healthy', running: [running(7), running(8)] });
  expect(toHealth([])).toEqual({ kind: 'down', running: [], gone: [] });
});

test('when one PID is gone, the service is down', () => {
  expect(toHealth([running(7), gone(9)])).toEqual({ kind: 'down', running: [running(7)], gone: [gone(9)] });
});

test('when one PID is unknown, so is the service, whatever the others are', () => {
  expect(toHealth([running(7), unknown(8), gone(9)])).toEqual({ kind: 'unknown', unknown: [unknown(8)] });
});

test('when the service is unknown, none of its processes counts as running', () => {
  expect(runningIn(UNKNOWN)).toEqual([]);
  expect(runningIn(IN_PART)).toEqual([running(7)]);
});

test('when PIDs are the reason, each is named; when there is none, the pidfile is', () => {
  const down = toHealth([]) as Down;
  expect(whyNotHealthy(toHealth([gone(9), gone(10)]) as Down, PIDFILE)).toBe(
    `PID 9 ${because.absent()}, PID 10 ${because.absent()}`,
  );
  expect(whyNotHealthy(UNKNOWN as Extract<Health, { kind: 'unknown' }>, PIDFILE)).toBe(`PID 8 ${because.exiting()}`);
  expect(whyNotHealthy(down, PIDFILE)).toBe(why.noPid('/p'));
  expect(whyNotHealthy(down, NO_PIDFILE)).toBe(why.noPidfile('/p'));
});
