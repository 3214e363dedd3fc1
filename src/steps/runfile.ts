import { statSync } from 'node:fs';
import { EXIT, Failure, isAbsence, reasonOf } from '../failure.ts';

/**
 * Whether the service is meant to run: whether its runfile exists.
 *
 * @throws Failure (cannotTell) when that cannot be told: an error other than ENOENT and ENOTDIR is not absence
 */
export function isMeantToRun(runfile: string): boolean {
  try {
    statSync(runfile);
    return true;
  } catch (error) {
    if (isAbsence(error)) return false;
    const effect = 'it cannot be told whether the service is meant to run';
    const message = `cannot look at the runfile ${runfile}: ${reasonOf(error)}; ${effect}`;
    throw new Failure(EXIT.cannotTell, message, error);
  }
}
