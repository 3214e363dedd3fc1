import { isPrivate, realDirectory, stateDirectory } from './state-dir.ts';

/** Answers about directories, each of them newer than the question. */
export class Directories {
  /** that of locks and snapshots */
  readonly state: () => string = stateDirectory;
  readonly real: (directory: string) => string = realDirectory;
  readonly isPrivate: (directory: string) => boolean = isPrivate;
}
