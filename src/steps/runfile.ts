import { statSync } from 'node:fs';
import { EXIT, Exit } from '../exit.ts';
import { isAbsence, reasonOf } from '../files/errno.ts';
import { messages } from '../log/messages.ts';

/**
 * Step 1: whether the service is enabled, that is, its runfile exists.
 *
 * @throws Exit (cannotTell) for every error but ENOENT and ENOTDIR
 */
export function isEnabled(runfile: string): boolean {
  try {
    statSync(runfile);
    return true;
  } catch (error) {
    if (isAbsence(error)) return false;
    throw new Exit(EXIT.cannotTell, messages.runfileNotReadable(runfile, reasonOf(error)), error);
  }
}
