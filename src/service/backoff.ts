import { TICKS_PER_SECOND } from './members.ts';
import type { Start } from './snapshot.ts';

/** What is known of the starts of a service. */
export interface History {
  /** the last one; null: sipwd has not started the service */
  readonly start: Pick<Start, 'began' | 'state' | 'failuresBefore' | 'pausedAt' | 'runfile'> | null;
  /** identity of the runfile now (runfileIdentity) */
  readonly runfile: string;
  /** the longest pause, in seconds; 0: none */
  readonly longest: number;
}

/** Whether a service that is down may be started. failures: starts that failed in a row. */
export type Backoff =
  | { readonly kind: 'start'; readonly failures: number }
  | {
      readonly kind: 'pause';
      readonly failures: number;
      /** whether the pause begins now */
      readonly isNew: boolean;
      /** seconds since boot */
      readonly until: number;
    };

/** A service that is down sooner after its start was never really up. */
const UP_SECONDS = 600;

/** One failure may be chance: a port that is still in use, for example. */
const FAILURES_BEFORE_PAUSE = 2;

/** The first pause; each one that follows is twice as long. */
const FIRST_PAUSE_SECONDS = 120;

/** cron(8) is not exact: a run that comes a moment too early must not cost another minute. */
const EARLY_SECONDS = 5;
const EARLY_PART = 1 / 20;

/**
 * Decides whether a service that is down is started now. Only the time since boot counts, so a clock that is set does
 * not change the length of a pause.
 *
 * @param now seconds since boot
 */
export function backoff({ start, runfile, longest }: History, now: number): Backoff {
  // The operator has touched the runfile since the last start.
  const isTouched = start?.runfile !== undefined && start.runfile !== runfile;
  if (start === null || isTouched) return { kind: 'start', failures: 0 };
  const isNew = start.pausedAt === undefined;
  const since = start.pausedAt === undefined ? now : start.pausedAt / TICKS_PER_SECOND;
  const failures = failuresAt(start, since);
  if (failures < FAILURES_BEFORE_PAUSE || since > now) return { kind: 'start', failures };
  const wait = Math.min(FIRST_PAUSE_SECONDS * 2 ** (failures - FAILURES_BEFORE_PAUSE), longest);
  const until = since + wait;
  const isOver = now >= until - Math.min(EARLY_SECONDS, wait * EARLY_PART);
  return isOver ? { kind: 'start', failures } : { kind: 'pause', failures, isNew, until };
}

/** Failed starts in a row, of a service that was found down at a moment (seconds since boot). */
function failuresAt({ began, state, failuresBefore = 0 }: NonNullable<History['start']>, moment: number): number {
  const age = moment - began / TICKS_PER_SECOND;
  // In a container, the time since boot can begin again.
  const hasFailed = age >= 0 && (state !== 'confirmed' || age <= UP_SECONDS);
  return hasFailed ? failuresBefore + 1 : 0;
}
