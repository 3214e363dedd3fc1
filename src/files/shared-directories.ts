import { onceInATurn, onceInATurnFor } from '../process/once-in-a-turn.ts';
import type { Directories } from './directories.ts';
import { isPrivate, realDirectory, stateDirectory } from './state-dir.ts';

/** For many services: what is the same for several of them is found out once in a turn of the event loop. */
export function sharedDirectories(): Directories {
  return {
    state: onceInATurn(stateDirectory),
    real: onceInATurnFor((directory) => realDirectory(directory)),
    isPrivate: onceInATurnFor(isPrivate),
  };
}
