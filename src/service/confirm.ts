import { Exit } from '../exit.ts';
import type { Pidfile } from '../files/pidfile.ts';
import type { ProcessId, Running } from '../process/verdict.ts';
import type { Check } from './check.ts';
import type { Context } from './context.ts';
import type { Member } from './member.ts';
import { membersOfHealthy, survey } from './members.ts';

/** Whether a healthy service was started, and has not been seen healthy since. */
export function isFirstSight({ stored, stores }: Check): boolean {
  const start = stored?.snapshot?.start ?? null;
  return stores && start !== null && start.state !== 'confirmed';
}

/**
 * Stores the snapshot of a service that is seen healthy for the first time after a start. A process that only the cookie
 * shows is stored as a stranger: the same script may have started another service.
 *
 * @returns why it could not be stored
 */
export async function storeConfirmed(
  check: Check,
  pidfile: Pidfile,
  running: readonly Running[],
  context: Context,
): Promise<string | undefined> {
  const members = await membersNow(check, pidfile, running, context);
  const strangers = members.filter(({ evidence }) => evidence === 'cookie').map(toProcessId);
  const workers = members.filter(({ evidence }) => evidence !== 'cookie' && evidence !== 'pidfile');
  return check.storeHealthy(pidfile, running, workers, strangers);
}

/** The service runs: that its other processes cannot be found now must not look like a failure. */
async function membersNow(
  check: Check,
  pidfile: Pidfile,
  running: readonly Running[],
  context: Context,
): Promise<readonly Member[]> {
  try {
    return (await survey(check, pidfile, running, context)).members;
  } catch (error) {
    if (!(error instanceof Exit)) throw error;
    return membersOfHealthy(running, check.descendants(running));
  }
}

function toProcessId({ pid, startTime }: ProcessId): ProcessId {
  return { pid, startTime };
}
