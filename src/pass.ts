import type { Service } from './args/service.ts';
import { EXIT, Exit, type ExitStatus } from './exit.ts';
import type { Log } from './log/log.ts';
import { messages } from './log/messages.ts';
import type { Context } from './service/context.ts';
import { watch } from './watchdog.ts';

/** One pass over one service: what ends it early is logged. Never throws. */
export async function pass(service: Service, context: Context): Promise<ExitStatus> {
  return watch(service, context).catch((error: unknown) => report(error, context.log));
}

/** Logs what ended a run early. */
export function report(error: unknown, log: Log): ExitStatus {
  const isExit = error instanceof Exit;
  const what = error instanceof Error ? error.message : String(error);
  log.say(isExit ? error.reason : messages.internal(what));
  return isExit ? error.status : EXIT.cannotTell;
}
