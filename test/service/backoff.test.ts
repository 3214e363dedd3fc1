import { expect, test } from 'vitest';
import { backoff, type History } from '../../src/service/backoff.ts';

type Start = NonNullable<History['start']>;

const DAY = 86_400;

/** Sipwd started the service 1000 s after boot, and the command failed. */
const FIRST: Start = { began: 100_000, state: 'failed', runfile: 'r' };
const FAILED: Start = { ...FIRST, failuresBefore: 1 };
const UNRECORDED: Start = { began: 100_000, state: 'failed', failuresBefore: 1 };
const CONFIRMED: Start = { ...FAILED, state: 'confirmed' };
/** A pause has begun one second later. */
const PAUSED: Start = { ...FAILED, pausedAt: 100_100 };

const start = (failures: number) => ({ kind: 'start', failures });
const pause = (until: number, isNew: boolean) => ({ kind: 'pause', failures: 2, isNew, until });

const ROWS: readonly [when: string, start: Start | null, longest: number, now: number, expected: object][] = [
  ['sipwd has not started the service', null, DAY, 1001, start(0)],
  ['the runfile was touched', { ...PAUSED, runfile: 'q' }, DAY, 1002, start(0)],
  ['the runfile was not recorded', UNRECORDED, DAY, 1001, pause(1121, true)],
  ['it was the first start', FIRST, DAY, 1001, start(1)],
  ['the second start in a row has failed', FAILED, DAY, 1001, pause(1121, true)],
  ['the fourth in a row has failed', { ...FIRST, failuresBefore: 3 }, DAY, 1001, { ...pause(1481, true), failures: 4 }],
  ['it has failed at the moment when it began', FAILED, DAY, 1000, pause(1120, true)],
  ['it began after now, as in a container', FAILED, DAY, 999, start(0)],
  ['the service was up for ten minutes', CONFIRMED, DAY, 1600, pause(1720, true)],
  ['it was up for longer', CONFIRMED, DAY, 1600.01, start(0)],
  ['the start is not confirmed, and longer ago', { ...FAILED, state: 'not confirmed' }, DAY, 1601, pause(1721, true)],
  ['there may be no pause', FAILED, 0, 1001, start(2)],
  ['a pause goes on', PAUSED, DAY, 1002, pause(1121, false)],
  ['a pause of two minutes has five seconds left', PAUSED, DAY, 1116, start(2)],
  ['it has more left', PAUSED, DAY, 1115.9, pause(1121, false)],
  ['the longest pause, a minute, has three seconds left', PAUSED, 60, 1058, start(2)],
  ['that has more left', PAUSED, 60, 1057.9, pause(1061, false)],
  ['a pause began after now, as in a container', PAUSED, DAY, 1000, start(2)],
];

test.each(ROWS)('when %s, that decides between start and pause', (_, last, longest, now, expected) => {
  expect(backoff({ start: last, runfile: 'r', longest }, now)).toEqual(expected);
});
