/** Waits, in ms. The one of node:timers/promises would cost every healthy check a megabyte and its loading. */
export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
