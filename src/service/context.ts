import type { Directories } from '../files/directories.ts';
import type { Log } from '../log/log.ts';
import type { Procfs } from '../process/procfs.ts';
import type { Scan } from './scan.ts';

/** What a pass over a service works with. */
export interface Context {
  readonly proc: Procfs;
  readonly directories: Directories;
  readonly environment: NodeJS.ProcessEnv;
  readonly log: Log;
  /** all processes, and all snapshots, newer than the call */
  readonly scan: () => Promise<Scan>;
  readonly turn: Turn;
}

/** The turn of a repair: many services share the machine. */
export interface Turn {
  /** waits until it is its turn */
  readonly begin: () => Promise<void>;
  /** lets another repair begin; does nothing the second time */
  readonly end: () => void;
}

/** Of a repair that waits for no other one. */
export const AT_ONCE: Turn = { begin: async () => undefined, end: () => undefined };
