import { isPrivate, realDirectory, stateDirectory } from './state-dir.ts';

/** Answers about directories. */
export interface Directories {
  /** that of locks and snapshots */
  readonly state: () => string;
  readonly real: (directory: string) => string;
  readonly isPrivate: (directory: string) => boolean;
}

/** Each answer is newer than the question. */
export const DIRECTORIES: Directories = { state: stateDirectory, real: realDirectory, isPrivate };
