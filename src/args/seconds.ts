/** A day: a larger number is not meant as seconds. */
export const MOST_SECONDS = 86_400;

/** Seconds with decimals in ms; undefined when it is anything else, or more than a day. */
export function toMilliseconds(text: string): number | undefined {
  const seconds = /^(\d+(\.\d*)?|\.\d+)$/.test(text) ? Number(text) : Number.NaN;
  return seconds <= MOST_SECONDS ? seconds * 1000 : undefined;
}
