import { closeSync, constants, fstatSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import { isAbsence, reasonOf } from '../files/errno.ts';
import { isOwners, isPrivate, makeStateDirectory, stateDirectory, stateName } from '../files/state-dir.ts';
import type { Access } from '../files/trust.ts';
import { stateProblem } from '../log/reasons.ts';
import type { ProcessId } from '../process/match.ts';

/** What sipwd stored about a service when it was last healthy. */
export interface Snapshot {
  /** boot ID: PIDs and start times mean nothing in another boot */
  readonly boot: string;
  /** identity of the pidfile (identityOf) */
  readonly pidfile: string;
  /** who could write the pidfile then */
  readonly access: Access;
  /** the main processes */
  readonly mains: readonly ProcessId[];
  readonly workers: readonly ProcessId[];
}

const FILE_MODE = 0o600;
const READ = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW;
const WRITE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;

/** The stored snapshot of one service. If it cannot be used, the run goes on without it. */
export class SnapshotFile {
  /** undefined: there is none, or it is not usable */
  readonly snapshot: Snapshot | undefined;
  /** why it is not usable */
  readonly problem: string | undefined;
  readonly #directory: string;
  readonly #path: string;
  #text: string | undefined;

  /**
   * @param boot the ID of this boot; undefined where it cannot be read
   * @throws Exit as stateName does
   */
  constructor(
    pidfile: string,
    environment: NodeJS.ProcessEnv,
    private readonly boot: string | undefined,
  ) {
    this.#directory = stateDirectory(environment);
    this.#path = `${this.#directory}/${stateName(pidfile)}.snapshot`;
    try {
      this.#text = this.#read();
      const stored = this.#text === undefined ? undefined : parseSnapshot(this.#text);
      if (stored?.boot === boot) this.snapshot = stored;
      else if (this.#text !== undefined) {
        this.problem = stored === undefined ? stateProblem.damaged() : stateProblem.otherBoot();
      }
    } catch (error) {
      this.problem = reasonOf(error);
    }
  }

  /**
   * Stores a snapshot if it changed: completely or not at all.
   *
   * @returns why it could not be stored
   */
  store(snapshot: Omit<Snapshot, 'boot'>): string | undefined {
    if (this.boot === undefined) return stateProblem.noBootId();
    const text = JSON.stringify({ boot: this.boot, ...snapshot } satisfies Snapshot);
    if (text === this.#text) return undefined;
    try {
      makeStateDirectory(this.#directory);
      this.#replace(text);
      return undefined;
    } catch (error) {
      return reasonOf(error);
    }
  }

  #replace(text: string): void {
    const temporary = `${this.#path}.${process.pid}`;
    // A killed run with the same PID may have left one.
    rmSync(temporary, { force: true });
    const descriptor = openSync(temporary, WRITE, FILE_MODE);
    try {
      if (writeSync(descriptor, text) !== text.length) throw new Error(stateProblem.shortWrite());
      renameSync(temporary, this.#path);
    } catch (error) {
      rmSync(temporary, { force: true });
      throw error;
    } finally {
      closeSync(descriptor);
    }
  }

  /** @returns undefined when there is none */
  #read(): string | undefined {
    const descriptor = this.#open();
    if (descriptor === undefined) return undefined;
    try {
      const stats = fstatSync(descriptor);
      if (!stats.isFile() || !isOwners(stats)) throw new Error(stateProblem.notOwners());
      if (!isPrivate(this.#directory)) throw new Error(stateProblem.directoryNotOwners());
      return readFileSync(descriptor, 'latin1');
    } finally {
      closeSync(descriptor);
    }
  }

  #open(): number | undefined {
    try {
      return openSync(this.#path, READ);
    } catch (error) {
      if (isAbsence(error)) return undefined;
      throw error;
    }
  }
}

/** @returns undefined when the text is not a snapshot of this version */
export function parseSnapshot(text: string): Snapshot | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isSnapshot(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isSnapshot(value: unknown): value is Snapshot {
  if (typeof value !== 'object' || value === null) return false;
  const { boot, pidfile, access, mains, workers } = value as Record<keyof Snapshot, unknown>;
  if (typeof boot !== 'string' || typeof pidfile !== 'string' || !isAccess(access)) return false;
  return areIds(mains) && areIds(workers);
}

function isAccess(value: unknown): value is Access {
  if (typeof value !== 'object' || value === null) return false;
  const { uid, gid, mode } = value as Record<keyof Access, unknown>;
  return [uid, gid, mode].every(Number.isInteger);
}

function areIds(value: unknown): value is ProcessId[] {
  return Array.isArray(value) && value.every((id) => Number.isInteger(id?.pid) && Number.isInteger(id?.startTime));
}
