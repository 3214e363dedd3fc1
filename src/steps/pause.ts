import { decide } from '../decide.ts';
import { EXIT } from '../exit.ts';
import { messages } from '../log/messages.ts';
import { Check } from '../service/check.ts';
import type { Context } from '../service/context.ts';
import { TICKS_PER_SECOND } from '../service/members.ts';
import type { Observation } from '../service/observation.ts';

/**
 * Stores that a pause begins, if that is what the decision says. A pause that cannot be stored would never end: then
 * there is none.
 */
export function beginPause(seen: Observation, context: Context): Observation {
  if (seen.pause?.isNew !== true || decide(seen).status !== EXIT.paused) return seen;
  const now = context.proc.uptime() ?? 0;
  const problem = new Check(seen.service, context).storePause(Math.floor(now * TICKS_PER_SECOND));
  if (problem === undefined) return seen;
  context.log.say(messages.snapshotNotStored(problem));
  return { ...seen, pause: undefined };
}
