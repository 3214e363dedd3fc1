import { lstatSync } from 'node:fs';
import { problem } from '../log/reasons.ts';
import { isAbsence, reasonOf } from './errno.ts';

/** What was found at the path of the force-restart file. */
export type ForceFile =
  | { readonly kind: 'absent' }
  | { readonly kind: 'present' }
  | { readonly kind: 'ignored'; readonly why: string };

/** @param path undefined: none was given */
export function findForceFile(path: string | undefined): ForceFile {
  if (path === undefined) return { kind: 'absent' };
  try {
    return lstatSync(path).isFile() ? { kind: 'present' } : { kind: 'ignored', why: problem.notRegular() };
  } catch (error) {
    return isAbsence(error) ? { kind: 'absent' } : { kind: 'ignored', why: reasonOf(error) };
  }
}
