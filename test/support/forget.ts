import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { stateDirectory } from '../../src/files/state-dir.ts';

/** Removes the locks and snapshots of services with a pidfile in a directory. */
export function forget(folder: string): void {
  const own = stateDirectory();
  const kept = existsSync(own) ? readdirSync(own) : [];
  for (const name of kept.filter((each) => each.startsWith(encodeURIComponent(`${folder}/`)))) {
    rmSync(join(own, name), { recursive: true, force: true });
  }
}
