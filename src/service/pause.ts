import type { Service } from '../args/service.ts';
import { runfileIdentity } from '../files/runfile.ts';
import type { Procfs } from '../process/procfs.ts';
import { backoff } from './backoff.ts';
import type { Check } from './check.ts';
import type { Observation } from './observation.ts';

/** How many starts of a service that is down have failed in a row, and whether the next one must wait. */
export function observePause(
  { runfile, settings }: Service,
  { stored }: Check,
  proc: Procfs,
): Pick<Observation, 'failures' | 'pause'> {
  const start = stored?.snapshot?.start ?? null;
  const now = proc.uptime();
  if (start === null || now === undefined) return { failures: 0, pause: undefined };
  const next = backoff({ start, runfile: runfileIdentity(runfile), longest: settings.backoff / 1000 }, now);
  if (next.kind === 'start') return { failures: next.failures, pause: undefined };
  const { failures, isNew, until } = next;
  return { failures, pause: { isNew, endsAt: Date.now() + (until - now) * 1000 } };
}
