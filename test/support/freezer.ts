import { accessSync, constants, mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { until } from './wait.ts';

const FREEZER = '/sys/fs/cgroup/freezer';

/** Only the freezer of cgroup v1 keeps a process even from SIGKILL; that of v2 lets it through. */
export const canFreeze = isWritable(`${FREEZER}/cgroup.procs`);

/** Does something while a process is in an uninterruptible sleep; afterwards it acts on what it got meanwhile. */
export async function whileFrozen<T>(pid: number, act: () => Promise<T>): Promise<T> {
  const group = `${FREEZER}/sipwd-test-${pid}`;
  mkdirSync(group);
  try {
    writeFileSync(`${group}/cgroup.procs`, String(pid));
    writeFileSync(`${group}/freezer.state`, 'FROZEN');
    return await act();
  } finally {
    writeFileSync(`${group}/freezer.state`, 'THAWED');
    writeFileSync(`${FREEZER}/cgroup.procs`, String(pid), { flag: 'a' });
    await until(`${group} is empty`, () => isRemoved(group));
  }
}

function isRemoved(group: string): boolean {
  try {
    rmdirSync(group);
    return true;
  } catch {
    return false;
  }
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
