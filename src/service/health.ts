import type { Pidfile } from '../files/pidfile.ts';
import { listed } from '../log/messages.ts';
import { why } from '../log/reasons.ts';
import type { Gone, Running, Unknown, Verdict } from '../process/verdict.ts';

/** The state of a service. In `down`, the running ones are what is left of it. */
export type Health =
  | { readonly kind: 'healthy'; readonly running: readonly Running[] }
  | { readonly kind: 'down'; readonly running: readonly Running[]; readonly gone: readonly Gone[] }
  | { readonly kind: 'unknown'; readonly unknown: readonly Unknown[] };

/** One unknown PID makes the whole unknown; healthy is: all PIDs run, and there is at least one. */
export function toHealth(verdicts: readonly Verdict[]): Health {
  const unknown = verdicts.filter((verdict) => verdict.kind === 'unknown');
  if (unknown.length > 0) return { kind: 'unknown', unknown };
  const running = verdicts.filter((verdict) => verdict.kind === 'running');
  const gone = verdicts.filter((verdict) => verdict.kind === 'gone');
  return gone.length === 0 && running.length > 0 ? { kind: 'healthy', running } : { kind: 'down', running, gone };
}

export function runningIn(health: Health): readonly Running[] {
  return health.kind === 'unknown' ? [] : health.running;
}

/** Why a service is not healthy, PID by PID, in words. */
export function whyNotHealthy(health: Exclude<Health, { kind: 'healthy' }>, pidfile: Pidfile): string {
  const reasons = health.kind === 'unknown' ? health.unknown : health.gone;
  if (reasons.length > 0) return listed(reasons.map((each) => `PID ${each.pid} ${each.why}`));
  return pidfile.access === undefined ? why.noPidfile(pidfile.path) : why.noPid(pidfile.path);
}
