import type { Service } from './args/service.ts';
import { logEnd } from './exit.ts';
import { listening } from './log/heard.ts';
import type { Context } from './service/context.ts';
import type { Outcome } from './service/outcome.ts';
import { newTrail } from './service/trail.ts';
import { watch } from './watchdog.ts';

/**
 * One pass over one service: what ends it early is logged. Never throws.
 *
 * @param trail for a caller that looks at it meanwhile
 */
export async function pass(service: Service, context: Context, trail = newTrail()): Promise<Outcome> {
  const { log, heard } = listening(context.log);
  const status = await watch(service, { ...context, log }, trail).catch((error: unknown) => logEnd(error, log));
  return { service, status, trail, message: heard() };
}
