import { expect, test } from 'vitest';
import { dateAndTime, duration } from '../../src/dry-run/time.ts';

test.for([
  [0, '0 s'],
  [0.4, '0 s'],
  [59.9, '59 s'],
  [60, '1 min'],
  [61, '1 min 1 s'],
  [3600, '1 h'],
  [3661, '1 h 1 min'],
  [86_399, '23 h 59 min'],
  [86_460, '1 d'],
  [400 * 86_400 + 7200, '400 d 2 h'],
] as const)('when it lasts %d s, that is %s', ([seconds, text]) => {
  expect(duration(seconds)).toBe(text);
});

test('when parts of a date have one digit, they get two', () => {
  expect(dateAndTime(new Date(2026, 0, 2, 3, 4, 5))).toBe('2026-01-02 03:04:05');
});
