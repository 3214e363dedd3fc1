// What only a run with something to do or to say needs. The build keeps it out of the healthy check.

export { findHold, noteHold } from './files/hold.ts';
export { releaseLock, takeLock } from './files/lock.ts';
export { openLog } from './files/logfile.ts';
export { scan } from './service/scan.ts';
export { cleanUp } from './steps/cleanup.ts';
export { coreSitesOf } from './steps/cores.ts';
export { forceRestart } from './steps/force-restart.ts';
export { runHook } from './steps/hook.ts';
export { beginPause } from './steps/pause.ts';
export { restart } from './steps/restart.ts';
