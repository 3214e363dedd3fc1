import type { Log } from './log/log.ts';
import { type Message, messages } from './log/messages.ts';

/** The documented exit statuses (sipwd(8), EXIT STATUS). */
export const EXIT = {
  ok: 0,
  usage: 1,
  noProcfs: 1,
  startNeeded: 1,
  badPidfile: 2,
  startFailed: 3,
  notStopped: 4,
  cannotTell: 5,
  paused: 6,
  /** EX_TEMPFAIL of sysexits.h */
  busy: 75,
} as const;

export type ExitStatus = (typeof EXIT)[keyof typeof EXIT];

/** Ends a run early: why, for the log, and with which exit status. */
export class Exit extends Error {
  constructor(
    readonly status: ExitStatus,
    readonly reason: Message,
    cause?: unknown,
  ) {
    super(reason.text, { cause });
  }
}

/** What cannot be determined: nothing was signalled or started. */
export function cannotTell(reason: string): Exit {
  return new Exit(EXIT.cannotTell, messages.cannotTell(reason));
}

/**
 * Logs what ended a run early.
 *
 * @returns its exit status
 */
export function logEnd(error: unknown, log: Log): ExitStatus {
  const isExit = error instanceof Exit;
  const what = error instanceof Error ? error.message : String(error);
  log.say(isExit ? error.reason : messages.internal(what));
  return isExit ? error.status : EXIT.cannotTell;
}
