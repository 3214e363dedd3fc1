import type { Procfs } from '../process/procfs.ts';
import type { Running, Verdict } from '../process/verdict.ts';

/** The PIDs of a process's parent, its parent, and so on. */
export function ancestors(pid: number, proc: Procfs): number[] {
  const found: number[] = [];
  for (let stat = proc.stat(pid); stat.kind === 'read' && stat.value.parent > 0; ) {
    found.push(stat.value.parent);
    stat = proc.stat(stat.value.parent);
  }
  return found;
}

type Parent = Pick<Running, 'pid'> & Partial<Pick<Running, 'threads'>>;

/** The descendants of processes, of all generations, that match the binary. */
export function matchingDescendants(
  processes: readonly Parent[],
  verdictOn: (pid: number) => Verdict,
  proc: Procfs,
): Running[] {
  const seen = new Set(processes.map(({ pid }) => pid));
  const found: Running[] = [];
  const queue: Parent[] = [...processes];
  for (let parent = queue.pop(); parent !== undefined; parent = queue.pop()) {
    for (const child of proc.children(parent.pid, parent.threads)) {
      if (seen.has(child)) continue;
      seen.add(child);
      const verdict = verdictOn(child);
      queue.push(verdict.kind === 'running' ? verdict : { pid: child });
      if (verdict.kind === 'running') found.push(verdict);
    }
  }
  return found.sort((one, other) => one.pid - other.pid);
}
