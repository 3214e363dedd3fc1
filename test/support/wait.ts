import { vi } from 'vitest';

/** Waits until a condition returns something truthy, and returns that. Throws at the deadline, in ms. */
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
    throw new Error(`timed out after ${deadline} ms, waiting until ${what}`, { cause: error });
  }
}
