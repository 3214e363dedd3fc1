import { rmSync } from 'node:fs';
import { statesOf } from './states.ts';

/** Removes the locks and snapshots of services with a pidfile in a directory. */
export function forget(folder: string): void {
  for (const path of statesOf(folder)) rmSync(path, { recursive: true, force: true });
}
