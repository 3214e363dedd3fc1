import type { Service } from '../args/service.ts';
import type { Plan } from '../decide.ts';
import { EXIT, Exit } from '../exit.ts';
import { readPidfile } from '../files/pidfile.ts';
import { messages } from '../log/messages.ts';
import { inheritance } from '../process/inherited.ts';
import { runInShell } from '../process/shell.ts';
import { sleep } from '../process/sleep.ts';
import type { Guard } from '../process/terminate.ts';
import { Check } from '../service/check.ts';
import type { Context } from '../service/context.ts';
import { toHealth, whyNotHealthy } from '../service/health.ts';

/** Short for a person who waits, and little work for a slow machine. */
const POLL_MS = 50;

/**
 * Step 5: runs the start command, then waits until all PIDs in the pidfile run. With --exit-if-down, neither.
 *
 * @throws Exit (startFailed), (startNeeded) with --exit-if-down, or when the service is no longer enabled
 */
export async function restart(plan: Plan, service: Service, context: Context, guard: Guard): Promise<void> {
  const { log, proc, environment } = context;
  const action = plan.actions.at(-1);
  if (action === undefined) return;
  guard.requireEnabled();
  if (action.kind !== 'start') throw new Exit(EXIT.startNeeded, messages.startNeeded());
  log.say(messages.starting(action.command));
  const began = performance.now();
  const problem = await runInShell(action.command, inheritance(environment, proc));
  if (problem !== undefined) throw new Exit(EXIT.startFailed, messages.startFailed(problem, action.command));
  const timeout = service.settings.timeouts.start;
  if (timeout === 0) return;
  const pids = await untilHealthy(service, context, guard);
  log.say(messages.started(pids, ((performance.now() - began) / 1000).toFixed(2)));
}

/** The timeout begins after the command: the command itself may take longer. */
async function untilHealthy(service: Service, context: Context, { requireEnabled, log }: Guard): Promise<number[]> {
  const timeout = service.settings.timeouts.start;
  const check = new Check(service, context);
  log.say(messages.waiting('all PIDs in the pidfile run', timeout / 1000));
  const deadline = performance.now() + timeout;
  for (;;) {
    const result = healthNow(service.pidfile, check);
    if (result.kind === 'healthy') return result.pids;
    requireEnabled();
    if (performance.now() > deadline) {
      throw new Exit(EXIT.startFailed, messages.notUp(timeout / 1000, result.missing));
    }
    await sleep(POLL_MS);
  }
}

type Result =
  | { readonly kind: 'healthy'; readonly pids: number[] }
  | { readonly kind: 'not yet'; readonly missing: string };

/** A pidfile that is being written can be unusable for a moment. */
function healthNow(path: string, check: Check): Result {
  try {
    const pidfile = readPidfile(path);
    const health = toHealth(check.verdicts(pidfile));
    if (health.kind === 'healthy') return { kind: 'healthy', pids: health.running.map(({ pid }) => pid) };
    return { kind: 'not yet', missing: whyNotHealthy(health, pidfile) };
  } catch (error) {
    if (!(error instanceof Exit)) throw error;
    return { kind: 'not yet', missing: error.message };
  }
}
