import type { CoreSite } from '../process/core-site.ts';
import type { Observation } from './observation.ts';

/** What a run has seen and done so far: for what follows it. */
export interface Trail {
  /** whether the runfile exists, or may exist */
  isEnabled: boolean;
  /** the last observation; undefined: nothing could be observed */
  seen: Observation | undefined;
  /** restarted: started after a forced restart */
  did: 'nothing' | 'started' | 'restarted';
  /** where a forced restart may have left cores */
  cores: readonly CoreSite[];
}

export function newTrail(): Trail {
  return { isEnabled: true, seen: undefined, did: 'nothing', cores: [] };
}
