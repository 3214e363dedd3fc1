import { stateDirectory } from '../files/state-dir.ts';
import type { Process, Procfs } from '../process/procfs.ts';
import { sleep } from '../process/sleep.ts';
import type { Snapshot } from './snapshot.ts';
import { Snapshots } from './snapshots.ts';

/** What is looked for in many places: all processes, and what sipwd has stored of all services. */
export interface Scan {
  readonly processes: readonly Process[];
  /** by file name */
  readonly snapshots: ReadonlyMap<string, Snapshot>;
}

/** Repairs that ask within this time share one scan. */
const SHARED_MS = 20;

/** Scans for the services of a run. A scan is always newer than the question. */
export class Scanner {
  #next: Promise<Scan> | undefined;

  constructor(private readonly proc: Procfs) {}

  /** @throws Exit as Procfs.processes does */
  scan(): Promise<Scan> {
    this.#next ??= this.#later();
    return this.#next;
  }

  async #later(): Promise<Scan> {
    await sleep(SHARED_MS);
    this.#next = undefined;
    return scan(this.proc);
  }
}

const snapshots = new Snapshots();

/** @throws Exit as Procfs.processes does */
export function scan(proc: Procfs): Scan {
  return { processes: proc.processes(), snapshots: snapshots.in(stateDirectory(), proc.bootId()) };
}
