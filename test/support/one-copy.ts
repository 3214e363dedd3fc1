import { expect } from 'vitest';
import { familyOf } from './family.ts';
import { listenersOn } from './listeners.ts';
import { isAlive } from './process.ts';
import { until } from './wait.ts';
import type { Watched } from './watched.ts';

/** The living processes of a daemon. */
export function livingFamily(main: number): number[] {
  return familyOf(main).filter(isAlive);
}

/**
 * Waits until a daemon answers, and has as many processes as at first; then it has the workers of its configuration, and
 * one listener, which no other process has open.
 */
export async function expectOneCopy(one: Watched, main: number, count: number): Promise<void> {
  await one.answers();
  await until(`there are ${count} processes`, () => livingFamily(main).length === count);
  expect(one.daemon.workers?.count(main, one)).toBe(one.daemon.workers?.configured);
  const listeners = listenersOn(one.port, one.daemon.question);
  expect(listeners).toHaveLength(1);
  const family = familyOf(main);
  expect(listeners.flatMap(({ pids }) => pids).filter((pid) => !family.includes(pid))).toEqual([]);
}

/** The number of its processes, once it no longer grows. */
export async function settledCount(main: number): Promise<number> {
  let last = 0;
  let since = performance.now();
  await until('the number of processes is steady', () => {
    const count = livingFamily(main).length;
    if (count !== last) [last, since] = [count, performance.now()];
    return performance.now() - since > 500;
  });
  return last;
}
