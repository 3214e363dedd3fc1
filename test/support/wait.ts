import { vi } from 'vitest';

/** Waits until a condition gives something truthy, and returns that; fails when it has not by the deadline, in ms. */
export async function until<T>(
  what: string,
  condition: () => T | Promise<T>,
  deadline = 10_000,
): Promise<NonNullable<T>> {
  try {
    const value = await vi.waitUntil(condition, { timeout: deadline, interval: 5 });
    return value as NonNullable<T>;
  } catch (error) {
    if (!String(error).includes('waitUntil')) throw error;
    throw new Error(`waited ${deadline} ms in vain until ${what}`, { cause: error });
  }
}
