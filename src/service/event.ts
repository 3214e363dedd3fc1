import { EXIT } from '../exit.ts';
import type { Outcome } from './outcome.ts';

/** What a run that acted or failed is called for --on-event. */
export type RunEvent =
  | 'started'
  | 'restarted'
  | 'start-failed'
  | 'not-stopped'
  | 'cannot-tell'
  | 'bad-pidfile'
  | 'paused';

/** @returns undefined after a run that has neither acted nor failed, and in a pause that was announced before */
export function eventOf({ status, trail }: Pick<Outcome, 'status' | 'trail'>): RunEvent | undefined {
  const { did, seen } = trail;
  switch (status) {
    case EXIT.ok:
      return did === 'nothing' ? undefined : did;
    case EXIT.badPidfile:
      return 'bad-pidfile';
    case EXIT.startFailed:
      return 'start-failed';
    case EXIT.notStopped:
      return 'not-stopped';
    case EXIT.cannotTell:
      return 'cannot-tell';
    case EXIT.noProcfs:
      // The same status as that of a service that --exit-if-down leaves to the caller.
      return seen === undefined ? 'cannot-tell' : undefined;
    case EXIT.paused:
      return seen?.pause?.isNew ? 'paused' : undefined;
    case EXIT.busy:
      return undefined;
  }
}
