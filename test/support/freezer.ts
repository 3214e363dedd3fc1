import { accessSync, constants } from 'node:fs';
import { whileSet } from './guard.ts';

const FREEZER = '/sys/fs/cgroup/freezer';

/** Whether the freezer of cgroup v1 can be used; that of v2 does not hold back SIGKILL. */
export const canFreeze = isWritable(`${FREEZER}/cgroup.procs`);

/** Freezes a process during a call: it is unkillable, and acts on its signals afterwards. */
export function whileFrozen<T>(pid: number, act: () => Promise<T>): Promise<T> {
  const group = `${FREEZER}/sipwd-test-${pid}`;
  const set = `mkdir ${group} && echo ${pid} >${group}/cgroup.procs && echo FROZEN >${group}/freezer.state`;
  // Only an empty group can be removed.
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
