import { accessSync, constants } from 'node:fs';
import { whileSet } from './guard.ts';

const FREEZER = '/sys/fs/cgroup/freezer';

/** Only the freezer of cgroup v1 keeps a process even from SIGKILL; that of v2 lets it through. */
export const canFreeze = isWritable(`${FREEZER}/cgroup.procs`);

/** Does something while a process is in an uninterruptible sleep; afterwards it acts on what it got meanwhile. */
export function whileFrozen<T>(pid: number, act: () => Promise<T>): Promise<T> {
  const group = `${FREEZER}/sipwd-test-${pid}`;
  const set = `mkdir ${group} && echo ${pid} >${group}/cgroup.procs && echo FROZEN >${group}/freezer.state`;
  // A group can be removed when it is empty.
  const leave = `echo ${pid} >${FREEZER}/cgroup.procs; until rmdir ${group}; do sleep 0.05; done`;
  return whileSet(set, `echo THAWED >${group}/freezer.state; { ${leave}; } 2>/dev/null`, act);
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
