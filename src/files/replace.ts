import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  lstatSync,
  openSync,
  renameSync,
  rmSync,
  type Stats,
  writeSync,
} from 'node:fs';
import { stateProblem } from '../log/reasons.ts';

const CREATE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;

/**
 * Writes a file completely or not at all.
 *
 * @param temporary does not exist
 * @param mode whatever the umask
 * @returns the file that was written
 * @throws Error when it cannot be written
 */
export function replaceFile(path: string, temporary: string, text: string, mode: number): Stats {
  const descriptor = openSync(temporary, CREATE, mode);
  try {
    fchmodSync(descriptor, mode);
    const bytes = Buffer.from(text);
    if (writeSync(descriptor, bytes) !== bytes.length) throw new Error(stateProblem.shortWrite());
    renameSync(temporary, path);
    return fstatSync(descriptor);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  } finally {
    closeSync(descriptor);
  }
}

/** Removes a temporary file of a run that was killed, unless it is younger: then a run may be writing it. */
export function removeOlder(temporary: string, ms: number): void {
  const stats = lstatSync(temporary, { throwIfNoEntry: false });
  if (stats !== undefined && stats.mtimeMs < Date.now() - ms) rmSync(temporary, { force: true });
}
