import { onceInATurn, onceInATurnFor } from '../process/once-in-a-turn.ts';
import { Directories } from './directories.ts';
import { isPrivate, realDirectory, stateDirectory } from './state-dir.ts';

/** The same for many services: what is the same for several of them is found out once in a turn of the event loop. */
export class SharedDirectories extends Directories {
  override readonly state = onceInATurn(stateDirectory);
  override readonly real = onceInATurnFor((directory) => realDirectory(directory));
  override readonly isPrivate = onceInATurnFor(isPrivate);
}
