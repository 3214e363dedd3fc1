import { lstatSync, unlinkSync } from 'node:fs';
import { problem } from '../log/reasons.ts';
import { isAbsence, reasonOf } from './errno.ts';
import { inDirectoryOf } from './symlinks.ts';

/** What was found at the path of the force-restart file. */
export type ForceFile =
  | { readonly kind: 'absent' }
  | { readonly kind: 'present' }
  | { readonly kind: 'ignored'; readonly why: string };

/** @param path undefined: none was given */
export function findForceFile(path: string | undefined): ForceFile {
  if (path === undefined) return { kind: 'absent' };
  try {
    if (lstatSync(path, { throwIfNoEntry: false }) === undefined) return { kind: 'absent' };
    const isFile = inDirectoryOf(path, (safePath) => lstatSync(safePath).isFile());
    return isFile ? { kind: 'present' } : { kind: 'ignored', why: problem.notRegular() };
  } catch (error) {
    return isAbsence(error) ? { kind: 'absent' } : { kind: 'ignored', why: reasonOf(error) };
  }
}

/**
 * Removes the force-restart file, and no other one that somebody puts in its way.
 *
 * @throws Error when it cannot be removed
 */
export function removeForceFile(path: string): void {
  inDirectoryOf(path, unlinkSync);
}
