import type { Pidfile } from '../files/pidfile.ts';
import type { Gone, Member, Unknown, Verdict } from './identity.ts';

/** The state of a service. In `down`, those that run are what is left of it. */
export type Health =
  | { readonly kind: 'healthy'; readonly running: readonly Member[] }
  | { readonly kind: 'down'; readonly running: readonly Member[]; readonly gone: readonly Gone[] }
  | { readonly kind: 'unknown'; readonly unknown: readonly Unknown[] };

/** A line of the log names so many PIDs, and counts the others. */
const MOST_NAMED = 8;

/** One PID that cannot be told makes the whole unknown; healthy is: all run, and at least one. */
export function toHealth(verdicts: readonly Verdict[]): Health {
  const unknown = verdicts.filter((verdict) => verdict.kind === 'unknown');
  if (unknown.length > 0) return { kind: 'unknown', unknown };
  const running = verdicts.filter((verdict) => verdict.kind === 'running');
  const gone = verdicts.filter((verdict) => verdict.kind === 'gone');
  return gone.length === 0 && running.length > 0 ? { kind: 'healthy', running } : { kind: 'down', running, gone };
}

/** Why a service is not healthy, PID by PID, in words. */
export function whyNotHealthy(health: Exclude<Health, { kind: 'healthy' }>, pidfile: Pidfile): string {
  const reasons = health.kind === 'unknown' ? health.unknown : health.gone;
  if (reasons.length > 0) return nameEach(reasons.map(({ pid, why }) => `PID ${pid} ${why}`));
  return pidfile.access === undefined ? `there is no pidfile ${pidfile.path}` : `there is no PID in ${pidfile.path}`;
}

export function namePids(pids: readonly number[]): string {
  return nameEach(pids.map(String));
}

export function nameEach(items: readonly string[]): string {
  const more = items.length - MOST_NAMED;
  return more <= 0 ? items.join(', ') : `${items.slice(0, MOST_NAMED).join(', ')} and ${more} more`;
}
