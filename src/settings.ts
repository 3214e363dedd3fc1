/** How long to wait, in ms. */
export interface Timeouts {
  readonly term: number;
  readonly abort: number;
  readonly core: number;
  readonly start: number;
}

/** What the options say. */
export interface Settings {
  readonly exitIfDown: boolean;
  readonly hasMemory: boolean;
  readonly timeouts: Timeouts;
}

/**
 * A daemon has 8 s to end, as the original gave it; a core of some gigabytes takes minutes; a start is over within
 * 10 s or something is wrong.
 */
export const DEFAULT_SETTINGS: Settings = {
  exitIfDown: false,
  hasMemory: true,
  timeouts: { term: 8_000, abort: 8_000, core: 300_000, start: 10_000 },
};
