import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { stateDirectory } from '../../src/files/state-dir.ts';

/** The locks and snapshots of services with a pidfile in a directory: those of this user, and those of users without /run/user/UID. */
export function statesOf(folder: string): string[] {
  const others = namesIn('/tmp').filter((name) => /^sipwd-\d+$/.test(name));
  return [stateDirectory(), ...others.map((name) => join('/tmp', name))].flatMap((directory) =>
    namesIn(directory)
      .filter((name) => name.startsWith(encodeURIComponent(`${folder}/`)))
      .map((name) => join(directory, name)),
  );
}

/** The names in a directory; none when it does not exist, or when another user may not list it. */
export function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}
