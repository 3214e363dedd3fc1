import { closeSync, constants, fstatSync, openSync, readdirSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Directories } from '../files/directories.ts';
import { isAbsence, reasonOf } from '../files/errno.ts';
import { readText } from '../files/read-text.ts';
import { removeOlder, replaceFile } from '../files/replace.ts';
import { isOwners, isPrivate, makeStateDirectory, stateName } from '../files/state-dir.ts';
import { stateProblem } from '../log/reasons.ts';
import { kill } from '../process/kill.ts';
import { parseSnapshot, type Snapshot } from './snapshot.ts';

/** Room for some 30,000 processes. */
const MOST_BYTES = 4 * 1024 * 1024;

export const SUFFIX = '.snapshot';

/** A snapshot that the process with this PID is writing. */
const TEMPORARY = /\.snapshot\.(\d+)$/;

/** Nobody writes for so long; a younger one may belong to a process of another PID namespace. */
const STALE_MS = 60_000;

const FILE_MODE = 0o600;
const READ = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW;

/** The stored snapshot of one service. If it cannot be used, the run goes on without it. */
export class SnapshotFile {
  #snapshot: Snapshot | undefined;
  #problem: string | undefined;
  readonly #directory: string;
  readonly #path: string;
  #text: string | undefined;

  /**
   * @param boot the ID of this boot; undefined where it cannot be read
   * @throws Exit as stateName does
   */
  constructor(
    pidfile: string,
    private readonly boot: string | undefined,
    directories: Directories,
  ) {
    this.#directory = directories.state();
    this.#path = `${this.#directory}/${stateName(pidfile, directories.real)}${SUFFIX}`;
    try {
      this.#text = readSnapshot(this.#path, () => directories.isPrivate(this.#directory));
      const stored = this.#text === undefined ? undefined : parseSnapshot(this.#text);
      if (stored?.boot === boot) this.#snapshot = stored;
      else if (this.#text !== undefined) {
        this.#problem = stored === undefined ? stateProblem.damaged() : stateProblem.otherBoot();
      }
    } catch (error) {
      this.#problem = reasonOf(error);
    }
  }

  /** undefined: there is none, or it is not usable */
  get snapshot(): Snapshot | undefined {
    return this.#snapshot;
  }

  /** Why it is not usable. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /** Of all snapshots, by file name, those of the other services. */
  othersAmong(snapshots: ReadonlyMap<string, Snapshot>): Snapshot[] {
    const own = basename(this.#path);
    return [...snapshots].flatMap(([name, snapshot]) => (name === own ? [] : [snapshot]));
  }

  /**
   * Stores a snapshot if it changed: completely or not at all.
   *
   * @param isCheck whether the service was only checked
   * @returns why it could not be stored
   */
  store(snapshot: Omit<Snapshot, 'boot'>, isCheck: boolean): string | undefined {
    if (this.boot === undefined) return stateProblem.noBootId();
    const next: Snapshot = { boot: this.boot, ...snapshot };
    const text = JSON.stringify(next);
    if (text === this.#text) return undefined;
    try {
      makeStateDirectory(this.#directory);
      // A check takes no lock: a run that has started the service meanwhile knows more.
      const now = () => readSnapshot(this.#path, () => isPrivate(this.#directory));
      if (isCheck && this.#problem === undefined && now() !== this.#text) return undefined;
      this.#replace(text);
      this.#text = text;
      this.#snapshot = next;
      return undefined;
    } catch (error) {
      return reasonOf(error);
    }
  }

  #replace(text: string): void {
    const temporary = `${this.#path}.${process.pid}`;
    sweep(this.#directory);
    // A run that was killed may have had the same PID.
    rmSync(temporary, { force: true });
    replaceFile(this.#path, temporary, text, FILE_MODE);
  }
}

/**
 * The text of a snapshot.
 *
 * @returns undefined when there is none
 * @throws Error when other users can write it, or when it is too large
 */
export function readSnapshot(path: string, isDirectoryPrivate: () => boolean): string | undefined {
  const descriptor = open(path);
  if (descriptor === undefined) return undefined;
  try {
    const stats = fstatSync(descriptor);
    if (!stats.isFile() || !isOwners(stats)) throw new Error(stateProblem.notOwners());
    if (!isDirectoryPrivate()) throw new Error(stateProblem.directoryNotOwners());
    if (stats.size > MOST_BYTES) throw new Error(stateProblem.tooLarge());
    return readText(descriptor, stats.size);
  } finally {
    closeSync(descriptor);
  }
}

/** @returns undefined when there is no such file */
function open(path: string): number | undefined {
  try {
    return openSync(path, READ);
  } catch (error) {
    if (isAbsence(error)) return undefined;
    throw error;
  }
}

export function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

const swept = new Set<string>();

/** Removes the temporary files of runs that were killed, for all services, once in a run: a listing takes time. */
function sweep(directory: string): void {
  if (swept.has(directory)) return;
  swept.add(directory);
  for (const name of namesIn(directory)) {
    const [, owner] = TEMPORARY.exec(name) ?? [];
    if (owner === undefined || kill(Number(owner), 0) !== 'ESRCH') continue;
    removeOlder(join(directory, name), STALE_MS);
  }
}
