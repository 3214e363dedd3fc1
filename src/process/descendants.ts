import type { ProcessId, Verdict } from './identity.ts';
import type { Procfs } from './procfs.ts';

/**
 * The descendants of processes, of all generations, that match the binary of the service; without those processes.
 *
 * @param judge the verdict on a PID; a descendant that does not match is passed through, but not taken
 */
export function matchingDescendants(
  processes: readonly ProcessId[],
  judge: (pid: number) => Verdict,
  proc: Procfs,
): ProcessId[] {
  const seen = new Set(processes.map(({ pid }) => pid));
  const found: ProcessId[] = [];
  const queue = [...seen];
  for (let pid = queue.pop(); pid !== undefined; pid = queue.pop()) {
    for (const child of proc.children(pid)) {
      if (seen.has(child)) continue;
      seen.add(child);
      queue.push(child);
      const verdict = judge(child);
      if (verdict.kind === 'running') found.push({ pid: child, startTime: verdict.startTime });
    }
  }
  return found.sort((one, other) => one.pid - other.pid);
}
