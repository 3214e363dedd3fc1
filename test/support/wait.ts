import { vi } from 'vitest';

/** Waits until a condition returns something truthy, and returns that. Throws at the deadline, in ms. */
export async function until<T>(
  what: string,
  condition: () => T | Promise<T>,
  deadline = 30_000,
): Promise<NonNullable<T>> {
  try {
    const value = await vi.waitUntil(condition, { timeout: deadline, interval: 5 });
    return value as NonNullable<T>;
  } catch (error) {
    if (!String(error).includes('waitUntil')) throw error;
    throw new Error(`timed out after ${deadline} ms, waiting until ${what}`, { cause: error });
  }
}

/** Waits until so much time has passed, in ms: where time itself is the condition. */
export async function passed(ms: number): Promise<void> {
  const end = performance.now() + ms;
  await until(`${ms} ms have passed`, () => performance.now() > end, ms + 10_000);
}
