import { expect } from 'vitest';
import { type Lock, lockState, takeLock } from '../../src/files/lock.ts';
import { makeStateDirectory, stateDirectory } from '../../src/files/state-dir.ts';
import { Procfs } from '../../src/process/procfs.ts';
import { type TestService, testService } from './service.ts';

/** Takes the lock of a service, which this process then holds until it exits. */
export const take = ({ pidfile, runfile }: TestService) => takeLock(pidfile, runfile, new Procfs());
/** The state of the lock of a service. */
export const state = ({ pidfile, runfile }: TestService) => lockState(pidfile, runfile, new Procfs());

/** A lock that was taken. */
export const ours = (path: string, instead?: string): Lock => ({
  kind: 'ours',
  path,
  descriptor: expect.any(Number),
  instead,
});
/** A lock that can be taken. */
export const free = (path: string, instead?: string): Lock => ({ kind: 'free', path, instead });

/** A service, and the path of its lock, in a state directory that exists. */
export function unlocked() {
  const service = testService();
  makeStateDirectory(stateDirectory());
  return { service, path: state(service).path };
}
