/** All that loads only when there is something to do: a healthy check never comes here. */
export { takeLock } from '../files/lock.ts';
export { inheritance } from '../process/caller.ts';
export { cleanUp } from './cleanup.ts';
export { forceRestart } from './force-restart.ts';
export { restart } from './restart.ts';
