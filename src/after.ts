import { logEnd } from './exit.ts';
import type { Context } from './service/context.ts';
import { eventOf } from './service/event.ts';
import type { Outcome } from './service/outcome.ts';

/** After a pass over a service, and without its lock: the command of --on-event. Never throws. */
export async function afterEvent(outcome: Outcome, context: Context): Promise<void> {
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

/** After a pass over the only service of a run: --metrics-dir. Never throws. */
export async function afterPass(outcome: Outcome, context: Context): Promise<void> {
  const { metricsDir } = outcome.service.settings;
  if (metricsDir === undefined) return;
  try {
    const { writeMetrics } = await import('./metrics.ts');
    writeMetrics(metricsDir, outcome, context);
  } catch (error) {
    logEnd(error, context.log);
  }
}
