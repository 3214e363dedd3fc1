import { describe, expect, test } from 'vitest';
import type { Verdict } from '../src/process/verdict.ts';
import { toHealth } from '../src/service/health.ts';
import {
  CLEANED_UP,
  EXIT_INSTEAD,
  gone,
  listedIn,
  ORDER,
  planOf,
  REMOVE_ORDER,
  REMOVE_STALE,
  running,
  STALE,
  START,
  signal,
  WORKER,
} from './support/observation.ts';

describe('a stale pidfile', () => {
  const actionsFor = (...verdicts: readonly Verdict[]) => planOf({ health: toHealth(verdicts) }).actions;

  test.each(['zombie', 'recycled'] as const)(
    'when one PID in it is gone (%s), and none runs another program, it is removed just before the start',
    (cause) => {
      expect(actionsFor(gone(9, cause))).toEqual([REMOVE_STALE, START]);
      expect(actionsFor(gone(9), gone(10, cause))).toEqual([REMOVE_STALE, START]);
    },
  );

  test('when no PID in it exists, it stays: no daemon takes it for itself', () => {
    expect(actionsFor(gone(9), gone(10))).toEqual([START]);
    expect(actionsFor()).toEqual([START]);
  });

  test('when a PID in it runs another program, it stays: <binfile> may be a typo', () => {
    expect(actionsFor(gone(9, 'other program'))).toEqual([START]);
    expect(actionsFor(gone(9, 'other program'), gone(10, 'zombie'), gone(11, 'recycled'))).toEqual([START]);
  });

  test('when another PID in it still runs, that one is signalled first, and the pidfile is removed then', () => {
    const health = toHealth([running(7), gone(10, 'zombie')]);
    expect(planOf({ health }).actions).toEqual([signal('SIGTERM', listedIn(health)), REMOVE_STALE, START]);
    expect(planOf({ health: STALE, progress: CLEANED_UP }).actions).toEqual([REMOVE_STALE, START]);
  });

  test('when workers are left, they are signalled first', () => {
    const { actions } = planOf({ health: STALE, unlisted: [WORKER] });
    expect(actions).toEqual([signal('SIGTERM', [WORKER]), REMOVE_STALE, START]);
  });

  test('when there is a force-restart file as well, that is removed first', () => {
    expect(planOf({ health: STALE, forceFile: ORDER }).actions).toEqual([REMOVE_ORDER, REMOVE_STALE, START]);
  });

  test('when --exit-if-down is given, it stays: there is no start', () => {
    expect(planOf({ health: STALE, settings: { exitIfDown: true } }).actions).toEqual([EXIT_INSTEAD]);
  });
});
