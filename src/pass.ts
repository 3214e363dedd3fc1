import type { Service } from './args/service.ts';
import { type ExitStatus, logEnd } from './exit.ts';
import type { Context } from './service/context.ts';
import { watch } from './watchdog.ts';

/** One pass over one service: what ends it early is logged. Never throws. */
export async function pass(service: Service, context: Context): Promise<ExitStatus> {
  return watch(service, context).catch((error: unknown) => logEnd(error, context.log));
}
