import type { Plan } from '../decide.ts';
import { isAbsence, reasonOf } from '../files/errno.ts';
import { removeForceFile } from '../files/force-file.ts';
import { messages } from '../log/messages.ts';
import { type Guard, terminate, waitForExit } from '../process/terminate.ts';
import type { Progress } from '../service/observation.ts';

/** Workers that notice the exit of their main process do so at once, by a closed pipe or PR_SET_PDEATHSIG. */
const FOLLOW_MS = 1000;

/**
 * Step 3: removes the force-restart file, and kills the running PIDs with SIGABRT, so that they dump core, then SIGKILL.
 * The file is removed first: one that stays would restart the service in every run.
 *
 * @param coreTimeout how long SIGKILL is held back at most during a core dump, in ms
 * @throws Exit when the service is no longer enabled
 */
export async function forceRestart(plan: Plan, before: Progress, coreTimeout: number, guard: Guard): Promise<Progress> {
  const removals = plan.actions.filter((action) => action.kind === 'remove');
  const order = removals.find(({ what }) => what === 'force-restart file');
  if (order === undefined) return before;
  guard.requireEnabled();
  // Before the file is removed: if sipwd is killed between the two, the order is not lost without a word.
  guard.log.say(messages.forcedRestart(order.path));
  await guard.log.written();
  guard.requireEnabled();
  try {
    removeForceFile(order.path);
  } catch (error) {
    // The order was withdrawn.
    if (isAbsence(error)) return before;
    guard.log.say(messages.forceFileStays(order.path, reasonOf(error)));
    return { ...before, isOrderStuck: true };
  }
  const signals = plan.actions.filter((action) => action.kind === 'signal');
  const abort = signals.find(({ signal }) => signal === 'SIGABRT');
  if (abort === undefined) return { ...before, isForced: true };
  const unkillable = await terminate(abort.processes, { ...abort, coreTimeout }, guard);
  const workers = signals.flatMap(({ signal, processes }) => (signal === 'SIGTERM' ? processes : []));
  if (unkillable.length === 0) await waitForExit(workers, FOLLOW_MS, guard);
  return { ...before, isForced: true, unkillable };
}
