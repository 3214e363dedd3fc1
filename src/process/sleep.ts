/** Waits, in ms. node:timers/promises would cost every healthy check a megabyte. */
export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
