/** What sipwd has counted since the snapshot of a service was made. */
export interface Tally {
  readonly starts: number;
  readonly failedStarts: number;
  /** starts after a forced restart */
  readonly forcedRestarts: number;
  /** when the last start began, in ms since 1970 */
  readonly startedAt: number;
  /** ms until all PIDs ran; absent: they did not, or it is not known */
  readonly took?: number;
}

const NONE = { starts: 0, failedStarts: 0, forcedRestarts: 0 };

/** @param now ms since 1970 */
export function withStart(tally: Tally | undefined, now: number, isForced: boolean): Tally {
  const { starts, failedStarts, forcedRestarts } = tally ?? NONE;
  return { starts: starts + 1, failedStarts, forcedRestarts: forcedRestarts + (isForced ? 1 : 0), startedAt: now };
}

export function withFailure(tally: Tally | undefined): Tally | undefined {
  return tally && { ...tally, failedStarts: tally.failedStarts + 1 };
}

/** @param took ms */
export function withDuration(tally: Tally | undefined, took: number): Tally | undefined {
  return tally && { ...tally, took: Math.round(took) };
}
