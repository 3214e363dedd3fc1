import { errnoOf } from '../files/errno.ts';

/** @returns the errno of a failed kill(2); undefined: sent */
export function kill(pid: number, signal: NodeJS.Signals | 0): string | undefined {
  try {
    process.kill(pid, signal);
    return undefined;
  } catch (error) {
    return errnoOf(error) ?? String(error);
  }
}

/** Whether this user may not signal a process. */
export function isBarred(pid: number): boolean {
  return kill(pid, 0) === 'EPERM';
}
