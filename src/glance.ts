import type { Binary } from './files/binary.ts';
import type { Procfs } from './process/procfs.ts';

/** Fewer processes than this are looked at one by one in every run: that takes a millisecond or so. */
const MANY = 32;

/** How long what was seen one by one is enough to know many again at a glance, in ms: it shows no first worker. */
const ENOUGH_MS = 5 * 60_000;

/** What can be seen of many processes at once. */
export interface Glance {
  /** when, in ms since 1970 */
  readonly at: number;
  /** what tells these very processes from any others that have their PIDs (Procfs.handles) */
  readonly handles: string;
}

/** @returns undefined for few processes, and when not all are seen to run a binary of that name */
export function glanceAt(pids: readonly number[], binary: Binary, proc: Procfs): Glance | undefined {
  if (pids.length < MANY) return undefined;
  const handles = proc.handles(pids, (exe) => binary.isNamed(exe));
  return handles === undefined ? undefined : { at: Date.now(), handles };
}

/** Whether a glance shows the same processes as one that was followed by a look at each, and that not long after. */
export function isEnough(now: Glance, then: Glance): boolean {
  const age = now.at - then.at;
  return age >= 0 && age < ENOUGH_MS && now.handles === then.handles;
}
