import type { Log } from '../log/log.ts';
import type { Procfs } from '../process/procfs.ts';

/** What a pass over a service works with. */
export interface Context {
  readonly proc: Procfs;
  readonly environment: NodeJS.ProcessEnv;
  readonly log: Log;
}
