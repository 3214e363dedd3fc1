import { closeSync, constants, fstatSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import { isAbsence } from '../failure.ts';
import type { Glance } from '../glance.ts';
import type { ProcessId } from '../process/identity.ts';
import { isOwn, isOwners, makeOwnFolder, nameOf, ownFolder } from './own-folder.ts';
import type { Pidfile } from './pidfile.ts';
import type { Access } from './trust.ts';

/** What sipwd saw of a service when it was last healthy. */
export interface Sighting {
  /** the boot that it was seen in: PIDs and start times mean nothing in another */
  readonly boot: string;
  /** device, inode and time of change (ms) of the pidfile */
  readonly pidfile: string;
  /** who could write the pidfile, and so could have named other processes */
  readonly access: Access;
  /** the processes of the pidfile */
  readonly processes: readonly ProcessId[];
  /** their descendants that match the binary */
  readonly descendants: readonly ProcessId[];
  /** what was seen at a glance before that; of many processes without descendants */
  readonly glance?: Glance;
}

const FILE_MODE = 0o600;
const READ = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW;
const WRITE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;

/** What tells whether a pidfile is still the same, unchanged. */
export function identityOf({ access }: Pidfile): string {
  return access === undefined ? '' : `${access.dev} ${access.ino} ${access.mtimeMs}`;
}

/** The record of one service. Whatever is wrong with it, the work goes on without. */
export class RecordFile {
  readonly #folder: string;
  readonly #path: string;
  #text: string | undefined;

  private constructor(folder: string, name: string) {
    this.#folder = folder;
    this.#path = `${folder}/${name}.seen`;
  }

  static async of(pidfile: string, environment: NodeJS.ProcessEnv): Promise<RecordFile> {
    return new RecordFile(ownFolder(environment), await nameOf(pidfile));
  }

  /**
   * @returns undefined when there is none
   * @throws Error that says why there is none that is whole and ours
   */
  read(): Sighting | undefined {
    const descriptor = this.#open();
    if (descriptor === undefined) return undefined;
    try {
      const stats = fstatSync(descriptor);
      if (!stats.isFile() || !isOwners(stats)) throw new Error('it is not a file that only its owner can reach');
      const text = readFileSync(descriptor, 'latin1');
      const sighting = parseSighting(text);
      if (sighting === undefined) throw new Error('it is not whole, or not of this version');
      this.#text = text;
      return sighting;
    } finally {
      closeSync(descriptor);
    }
  }

  /**
   * Writes it down if it is not what was read: whole or not at all.
   *
   * @throws Error that says why it could not be written
   */
  write(sighting: Sighting): void {
    const text = JSON.stringify(sighting);
    if (text === this.#text) return;
    makeOwnFolder(this.#folder);
    const draft = `${this.#path}.${process.pid}`;
    // One with our PID may have been killed here.
    rmSync(draft, { force: true });
    const descriptor = openSync(draft, WRITE, FILE_MODE);
    try {
      if (writeSync(descriptor, text) !== text.length) throw new Error('it was written in part only');
      renameSync(draft, this.#path);
    } catch (error) {
      rmSync(draft, { force: true });
      throw error;
    } finally {
      closeSync(descriptor);
    }
  }

  /** @returns undefined when there is no record */
  #open(): number | undefined {
    try {
      const descriptor = openSync(this.#path, READ);
      if (isOwn(this.#folder)) return descriptor;
      closeSync(descriptor);
    } catch (error) {
      if (isAbsence(error)) return undefined;
      throw error;
    }
    throw new Error("its folder is not its owner's alone");
  }
}

/** @returns undefined when the text is no sighting: cut off, foreign, or of another version */
export function parseSighting(text: string): Sighting | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  return isSighting(value) ? value : undefined;
}

function isSighting(value: unknown): value is Sighting {
  if (typeof value !== 'object' || value === null) return false;
  const { boot, pidfile, access, processes, descendants, glance } = value as Record<keyof Sighting, unknown>;
  if (typeof boot !== 'string' || typeof pidfile !== 'string' || !isAccess(access)) return false;
  if (glance !== undefined && !isGlance(glance)) return false;
  return areIds(processes) && areIds(descendants);
}

function isAccess(value: unknown): value is Access {
  if (typeof value !== 'object' || value === null) return false;
  const { uid, gid, mode } = value as Record<keyof Access, unknown>;
  return [uid, gid, mode].every(Number.isInteger);
}

function isGlance(value: unknown): value is Glance {
  if (typeof value !== 'object' || value === null) return false;
  const { at, handles } = value as Record<keyof Glance, unknown>;
  return typeof at === 'number' && typeof handles === 'string';
}

function areIds(value: unknown): value is ProcessId[] {
  return Array.isArray(value) && value.every((id) => Number.isInteger(id?.pid) && Number.isInteger(id?.startTime));
}
