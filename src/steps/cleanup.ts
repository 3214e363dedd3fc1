import type { Plan } from '../decide.ts';
import { type Guard, terminate } from '../process/terminate.ts';
import type { Progress } from '../service/observation.ts';

/**
 * Step 4: stops what is left of a service: SIGTERM, then SIGKILL.
 *
 * @param coreTimeout how long SIGKILL is held back at most during a core dump, in ms
 * @throws Exit when the service is no longer enabled
 */
export async function cleanUp(plan: Plan, before: Progress, coreTimeout: number, guard: Guard): Promise<Progress> {
  const action = plan.actions.find((each) => each.kind === 'signal');
  if (action === undefined) return { ...before, isCleanedUp: true };
  const unkillable = await terminate(action.processes, { ...action, coreTimeout }, guard);
  return { ...before, unkillable, isCleanedUp: true };
}
