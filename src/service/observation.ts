import type { Service } from '../args/service.ts';
import type { ForceFile } from '../files/force-file.ts';
import type { Hold } from '../files/hold.ts';
import type { Lock } from '../files/lock.ts';
import type { Pidfile } from '../files/pidfile.ts';
import type { Distrust } from '../files/trust.ts';
import type { Unkillable } from '../process/terminate.ts';
import type { Verdict } from '../process/verdict.ts';
import type { Health } from './health.ts';
import type { Carrier, LeftAlone, Member } from './member.ts';
import type { Tally } from './tally.ts';

/** What a run has done so far, under the lock. */
export interface Progress {
  /** identity of the pidfile before the first action (identityOf) */
  readonly pidfile: string;
  /** the processes of the service that ran then */
  readonly members: readonly Member[];
  /** whether a forced restart has begun */
  readonly isForced: boolean;
  /** whether the force-restart file could not be removed */
  readonly isOrderStuck: boolean;
  readonly isCleanedUp: boolean;
  /** processes that were killed and still exist */
  readonly unkillable: readonly Unkillable[];
  /** starts that had failed in a row before this run; a forced restart begins to count again */
  readonly failures: number;
}

/** The time after repeated failures in which nothing is killed or started (--backoff). */
export interface Pause {
  /** whether it begins now */
  readonly isNew: boolean;
  /** ms since 1970, for people; the length of a pause does not depend on the clock */
  readonly endsAt: number;
}

export interface Barred {
  readonly pid: number;
  readonly isAncestor: boolean;
}

/** All that the decision depends on. */
export interface Observation {
  readonly service: Service;
  readonly isEnabled: boolean;
  readonly pidfile: Pidfile;
  /** on the PIDs of the pidfile, in its order */
  readonly verdicts: readonly Verdict[];
  readonly health: Health;
  /** what belongs to the service: with the evidence for each process */
  readonly members: readonly Member[];
  /** the processes of a last start that is not confirmed; empty: there is none */
  readonly unconfirmed: readonly Carrier[];
  /** the PIDs in the pidfile that run, and that are another service, says a snapshot */
  readonly claimed: readonly number[];
  /** what may belong to the service, and is not touched */
  readonly leftAlone: readonly LeftAlone[];
  /** whether a file is there that `<binfile>` can mean; true when that cannot be checked */
  readonly hasBinary: boolean;
  readonly forceFile: ForceFile;
  /** why the processes may not be signalled because of the pidfile */
  readonly distrust: Distrust | undefined;
  /** the members that sipwd may not signal, and why */
  readonly barred: readonly Barred[];
  /** starts that failed in a row; 0 when nothing was examined */
  readonly failures: number;
  /** undefined: there is none, or it was not examined */
  readonly pause: Pause | undefined;
  /** undefined: there is none, or it was not examined */
  readonly hold: Hold | undefined;
  /** for metrics only; undefined: sipwd has not started the service, or there is no snapshot */
  readonly tally: Tally | undefined;
  /** undefined: not examined */
  readonly lock: Lock | undefined;
  /** undefined before the first action */
  readonly progress: Progress | undefined;
}

/** Whether a forced restart is due. An order that comes while a run is working waits for the next run. */
export function isOrdered({ forceFile, progress }: Pick<Observation, 'forceFile' | 'progress'>): boolean {
  return forceFile.kind === 'present' && progress === undefined;
}

/** Whether a check ends here and observes nothing more: the service is healthy, and no forced restart is due. */
export function isInOrder(seen: Pick<Observation, 'health' | 'forceFile' | 'progress'>): boolean {
  return seen.health.kind === 'healthy' && !isOrdered(seen);
}
