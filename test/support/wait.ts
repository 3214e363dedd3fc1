import { setTimeout as pause } from 'node:timers/promises';

const POLL_MS = 5;

/** Waits until a condition gives something truthy, and returns that; fails when it has not by the deadline, in ms. */
export async function until<T>(
  what: string,
  condition: () => T | Promise<T>,
  deadline = 10_000,
): Promise<NonNullable<T>> {
  const end = performance.now() + deadline;
  for (;;) {
    const value = await condition();
    if (value) return value;
    if (performance.now() > end) throw new Error(`waited ${deadline} ms in vain until ${what}`);
    await pause(POLL_MS);
  }
}
