import { logEnd } from './exit.ts';
import type { Context } from './service/context.ts';
import { eventOf } from './service/event.ts';
import type { Outcome } from './service/outcome.ts';

/** What follows a pass over a service, without its lock: the command of --on-event. Never throws. */
export async function after(outcome: Outcome, context: Context): Promise<void> {
  const { onEvent } = outcome.service.settings;
  const event = onEvent === undefined ? undefined : eventOf(outcome);
  if (onEvent === undefined || event === undefined) return;
  try {
    const { runHook } = await import('./late.ts');
    await runHook(onEvent, event, outcome, context);
  } catch (error) {
    logEnd(error, context.log);
  }
}
