import { expect, test } from 'vitest';
import { because } from '../../src/log/reasons.ts';
import { hasExitedSince } from '../../src/process/verdict.ts';
import { gone, running, unknown } from '../support/observation.ts';

const PROCESS = { pid: 7, startTime: 1 };
const LATER = { pid: 7, startTime: 2 };

test('when a process is gone, whatever the cause, it has exited', () => {
  expect(hasExitedSince(PROCESS, gone(7))).toBe(true);
  expect(hasExitedSince(PROCESS, gone(7, 'other program'))).toBe(true);
});

test('when its PID has another start time, it has exited', () => {
  expect(hasExitedSince(LATER, running(7))).toBe(true);
  expect(hasExitedSince(LATER, unknown(7))).toBe(true);
});

test('when its start time is the same, it has not exited', () => {
  expect(hasExitedSince(PROCESS, running(7))).toBe(false);
  expect(hasExitedSince(PROCESS, unknown(7))).toBe(false);
});

test('when its start time cannot be read, it may still exist: it has not exited', () => {
  const why = because.statNotReadable(7, 'EIO');
  expect(hasExitedSince(PROCESS, { ...unknown(7), startTime: undefined, why })).toBe(false);
});
