import { lstatSync } from 'node:fs';
import { isAbsence, reasonOf } from '../failure.ts';

/** What there is at the path of the force-restart file. */
export type ForceFile =
  | { readonly kind: 'absent' }
  | { readonly kind: 'present' }
  /** something that does not count as an order to restart */
  | { readonly kind: 'ignored'; readonly why: string };

/** @param path undefined: none was given */
export function findForceFile(path: string | undefined): ForceFile {
  if (path === undefined) return { kind: 'absent' };
  try {
    return lstatSync(path).isFile() ? { kind: 'present' } : { kind: 'ignored', why: 'it is not a regular file' };
  } catch (error) {
    return isAbsence(error) ? { kind: 'absent' } : { kind: 'ignored', why: reasonOf(error) };
  }
}
