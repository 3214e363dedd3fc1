import type { Member, ProcessId, Verdict } from './identity.ts';
import type { Procfs } from './procfs.ts';

/** The PIDs of all that a process descends from, as far as they can be seen. */
export function ancestors(pid: number, proc: Procfs): number[] {
  const found: number[] = [];
  for (let stat = proc.stat(pid); stat.kind === 'read' && stat.value.parent > 0; ) {
    found.push(stat.value.parent);
    stat = proc.stat(stat.value.parent);
  }
  return found;
}

/**
 * The descendants of processes, of all generations, that match the binary of the service; without those processes.
 *
 * @param judge the verdict on a PID; a descendant that does not match is passed through, but not taken
 */
export function matchingDescendants(
  processes: readonly Pick<Member, 'pid' | 'threads'>[],
  judge: (pid: number) => Verdict,
  proc: Procfs,
): ProcessId[] {
  const seen = new Set(processes.map(({ pid }) => pid));
  const found: ProcessId[] = [];
  const queue: Pick<Member, 'pid' | 'threads'>[] = [...processes];
  for (let parent = queue.pop(); parent !== undefined; parent = queue.pop()) {
    for (const child of proc.children(parent.pid, parent.threads)) {
      if (seen.has(child)) continue;
      seen.add(child);
      const verdict = judge(child);
      queue.push(verdict.kind === 'running' ? verdict : { pid: child });
      if (verdict.kind === 'running') found.push({ pid: child, startTime: verdict.startTime });
    }
  }
  return found.sort((one, other) => one.pid - other.pid);
}
