import { unlinkSync } from 'node:fs';
import { isAbsence, reasonOf } from '../failure.ts';
import { findForceFile } from '../files/force-file.ts';
import type { ProcessId } from '../process/identity.ts';
import { type Surroundings, type Termination, terminate, waitForExit } from '../process/terminate.ts';
import type { Timeouts } from '../settings.ts';

export type ForcedRestart =
  | Termination
  /** there is no file, or none that counts */
  | { readonly kind: 'not wanted' }
  /** the file cannot be removed, so nothing was killed on its word */
  | { readonly kind: 'refused' };

/** Workers that notice the end of their main process do so at once, at the end of a pipe or by PR_SET_PDEATHSIG. */
const FOLLOW_MS = 1000;

/**
 * When the force-restart file is there, removes it and ends the processes with SIGABRT, so that they leave a core to
 * read, then SIGKILL. It is removed first: a file that stays would restart the service every minute.
 *
 * @param path undefined: none was given
 * @param survivors workers, which get the chance to follow their main process; what is left of them is for the clean-up
 */
export async function forceRestart(
  path: string | undefined,
  processes: readonly ProcessId[],
  survivors: readonly ProcessId[],
  { abort, core }: Timeouts,
  world: Surroundings,
): Promise<ForcedRestart> {
  if (path === undefined || findForceFile(path).kind !== 'present') return { kind: 'not wanted' };
  if (!world.isMeantToRun()) return { kind: 'withdrawn' };
  try {
    unlinkSync(path);
  } catch (error) {
    // Somebody has withdrawn the order.
    if (isAbsence(error)) return { kind: 'not wanted' };
    const effect = 'it would restart the service every time, so it was not obeyed; remove it by hand';
    world.log.error(`cannot remove the force-restart file ${path}: ${reasonOf(error)}; ${effect}`);
    return { kind: 'refused' };
  }
  world.log.warn(`restarting ${world.binfile}: there was ${path}, which is removed`);
  const ended = await terminate(processes, { signal: 'SIGABRT', grace: abort, coreGrace: core }, world);
  if (ended.kind === 'ended') await waitForExit(survivors, FOLLOW_MS, world);
  return ended;
}
