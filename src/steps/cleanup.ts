import type { ProcessId } from '../process/identity.ts';
import { type Surroundings, type Termination, terminate } from '../process/terminate.ts';
import type { Timeouts } from '../settings.ts';

/** Ends what is left of a service of which a part has gone: SIGTERM, then SIGKILL. */
export async function cleanUp(
  processes: readonly ProcessId[],
  { term, core }: Timeouts,
  world: Surroundings,
): Promise<Termination> {
  return terminate(processes, { signal: 'SIGTERM', grace: term, coreGrace: core }, world);
}
