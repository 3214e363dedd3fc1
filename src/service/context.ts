import type { Log } from '../log/log.ts';
import type { Procfs } from '../process/procfs.ts';
import type { Scan } from './scan.ts';

/** What a pass over a service works with. */
export interface Context {
  readonly proc: Procfs;
  readonly environment: NodeJS.ProcessEnv;
  readonly log: Log;
  /** all processes, and all snapshots, newer than the call */
  readonly scan: () => Promise<Scan>;
  /** does a repair when it is its turn: many services share the machine */
  readonly turn: <T>(repair: () => Promise<T>) => Promise<T>;
}
