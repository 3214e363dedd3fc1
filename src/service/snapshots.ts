import { lstatSync, type Stats } from 'node:fs';
import { isPrivate } from '../files/state-dir.ts';
import { parseSnapshot, type Snapshot } from './snapshot.ts';
import { namesIn, readSnapshot, SUFFIX } from './snapshot-file.ts';

interface Known {
  readonly file: Stats | undefined;
  readonly snapshot: Snapshot | undefined;
}

/** The snapshots of all services of this user. Where there are thousands, most have not changed since the last question. */
export class Snapshots {
  readonly #known = new Map<string, Known>();

  /** Those that are usable, by file name. */
  in(directory: string, boot: string | undefined): Map<string, Snapshot> {
    const usable = new Map<string, Snapshot>();
    if (boot === undefined || !isPrivate(directory)) return usable;
    for (const name of namesIn(directory)) {
      if (!name.endsWith(SUFFIX)) continue;
      const { snapshot } = this.#at(`${directory}/${name}`);
      if (snapshot?.boot === boot) usable.set(name, snapshot);
    }
    return usable;
  }

  #at(path: string): Known {
    const file = statsOf(path);
    const before = this.#known.get(path);
    if (before !== undefined && isSameFile(before.file, file)) return before;
    // If it is replaced now, the next question finds another file, and reads it.
    const known = { file, snapshot: snapshotAt(path) };
    this.#known.set(path, known);
    return known;
  }
}

function statsOf(path: string): Stats | undefined {
  try {
    return lstatSync(path);
  } catch {
    return undefined;
  }
}

function isSameFile(one: Stats | undefined, other: Stats | undefined): boolean {
  return one?.ino === other?.ino && one?.ctimeMs === other?.ctimeMs && one?.size === other?.size;
}

/** @returns undefined when it is not usable: of that service, nothing is known */
function snapshotAt(path: string): Snapshot | undefined {
  try {
    return parseSnapshot(readSnapshot(path, () => true) ?? '');
  } catch {
    return undefined;
  }
}
