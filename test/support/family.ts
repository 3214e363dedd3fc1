import { readdirSync } from 'node:fs';
import { isAlive, stateOf, statField } from './process.ts';
import { until } from './wait.ts';

/** Kills a process and all its descendants. It is stopped first, so that it forks no more of them. */
export async function killFamily(pid: number): Promise<void> {
  if (!isAlive(pid)) return;
  process.kill(pid, 'SIGSTOP');
  await until(`${pid} is stopped`, () => stateOf(pid) === 'T');
  await kill(familyOf(pid));
}

/** Kills processes, and returns when all of them have exited. */
export async function kill(pids: readonly number[]): Promise<void> {
  for (const pid of pids.filter(isAlive)) process.kill(pid, 'SIGKILL');
  await until(`${pids.join(', ')} have exited`, () => !pids.some((pid) => isAlive(pid) || hasThreads(pid)));
}

/** Whether a process has more than its first thread: that one can be a zombie while others have not exited yet. */
function hasThreads(pid: number): boolean {
  try {
    return readdirSync(`/proc/${pid}/task`).length > 1;
  } catch {
    return false;
  }
}

/** A process and all its present descendants. */
export function familyOf(pid: number): number[] {
  const parents = readdirSync('/proc').flatMap((name) => {
    const pid = Number(name);
    const parent = pid > 0 ? statField(pid, 4) : undefined;
    return parent === undefined ? [] : [{ pid, parent: Number(parent) }];
  });
  const family = [pid];
  for (const member of family) {
    family.push(...parents.filter(({ parent }) => parent === member).map((child) => child.pid));
  }
  return family;
}
