import { basename } from 'node:path';
import type { Binary } from '../files/binary.ts';
import type { Gone, Running, Unknown, Verdict } from './identity.ts';
import type { Procfs } from './procfs.ts';

/** The state of a service. In `down`, those that run are what is left of it. */
export type Health =
  | { readonly kind: 'healthy'; readonly running: readonly Running[] }
  | { readonly kind: 'down'; readonly running: readonly Running[]; readonly gone: readonly Gone[] }
  | { readonly kind: 'unknown'; readonly unknown: readonly Unknown[] };

/** A line of the log names so many PIDs, and counts the others. */
const MOST_NAMED = 8;

/** From so many PIDs on, one listing of /proc costs less than the start times of all. */
const MANY_PIDS = 32;

/**
 * Whether many PIDs are well beyond doubt, each by the name of its binary alone: only a live process has one, and the
 * listing of /proc shows no threads. False means that a closer look is due. It gives no start times, so it is good for
 * a check that signals nothing.
 */
export function areWellAtAGlance(pids: readonly number[], binary: Binary, proc: Procfs): boolean {
  if (pids.length < MANY_PIDS) return false;
  const listed = proc.processes();
  return pids.every((pid) => {
    if (pid === process.pid || !listed.has(String(pid))) return false;
    const exe = proc.exe(String(pid));
    return exe.kind === 'read' && basename(exe.value) === binary.name;
  });
}

/** The state of the service that has these PIDs. */
export function checkHealth(pids: readonly number[], judge: (pid: number) => Verdict): Health {
  return toHealth(pids.map(judge));
}

/** One PID that cannot be told makes the whole unknown; healthy is: all run, and at least one. */
export function toHealth(verdicts: readonly Verdict[]): Health {
  const unknown = verdicts.filter((verdict) => verdict.kind === 'unknown');
  if (unknown.length > 0) return { kind: 'unknown', unknown };
  const running = verdicts.filter((verdict) => verdict.kind === 'running');
  const gone = verdicts.filter((verdict) => verdict.kind === 'gone');
  return gone.length === 0 && running.length > 0 ? { kind: 'healthy', running } : { kind: 'down', running, gone };
}

/** Why a service is not healthy, PID by PID, in words. */
export function whyNotHealthy(health: Exclude<Health, { kind: 'healthy' }>, pidfile: string): string {
  const reasons = health.kind === 'unknown' ? health.unknown : health.gone;
  if (reasons.length === 0) return `there is no PID in ${pidfile}`;
  return nameEach(reasons.map(({ pid, why }) => `PID ${pid} ${why}`));
}

export function namePids(pids: readonly number[]): string {
  return nameEach(pids.map(String));
}

export function nameEach(items: readonly string[]): string {
  const more = items.length - MOST_NAMED;
  return more <= 0 ? items.join(', ') : `${items.slice(0, MOST_NAMED).join(', ')} and ${more} more`;
}
