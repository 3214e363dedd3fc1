import { isatty } from 'node:tty';
import type { Service } from '../args/service.ts';
import { decide } from '../decide.ts';
import { EXIT, Exit, type ExitStatus } from '../exit.ts';
import { findHold } from '../files/hold.ts';
import { lockState } from '../files/lock.ts';
import { print } from '../files/stdout.ts';
import type { Context } from '../service/context.ts';
import type { Observation } from '../service/observation.ts';
import { isEnabled } from '../steps/runfile.ts';
import { verify } from '../steps/verify.ts';
import { page } from './page.ts';
import { toReport } from './report.ts';

/**
 * Prints what was found of a service, and the plan of a run; changes nothing.
 *
 * @throws Exit as a run does when it cannot observe the service, and when stdout cannot be written
 */
export async function dryRun(service: Service, context: Context, form: 'page' | 'json'): Promise<ExitStatus> {
  const { seen, problem } = await observe(service, context);
  const plan = decide(seen);
  const report = await toReport(seen, plan, problem, context);
  const isColoured = isatty(1) && !context.environment.NO_COLOR;
  await print(form === 'json' ? `${JSON.stringify(report, null, 2)}\n` : page(report, isColoured));
  return plan.kind === 'nothing' ? EXIT.ok : plan.kind === 'refuse' ? plan.status : EXIT.startNeeded;
}

/** @returns problem: why a disabled service could not be checked, which is no error: a run would not check it either */
async function observe(service: Service, context: Context): Promise<{ seen: Observation; problem: string | null }> {
  const run = {
    isEnabled: isEnabled(service.runfile),
    lock: lockState(service.pidfile, service.runfile, context.proc),
    progress: undefined,
  };
  try {
    const seen = await verify(service, context, run);
    return { seen: { ...seen, hold: findHold(service.pidfile) }, problem: null };
  } catch (error) {
    if (run.isEnabled || !(error instanceof Exit)) throw error;
    return { seen: nothingSeen(service, run), problem: error.message };
  }
}

function nothingSeen(service: Service, run: Pick<Observation, 'isEnabled' | 'lock' | 'progress'>): Observation {
  return {
    service,
    ...run,
    pidfile: { path: service.pidfile, pids: [], access: undefined },
    verdicts: [],
    health: { kind: 'down', running: [], gone: [] },
    members: [],
    unconfirmed: [],
    leftAlone: [],
    hasBinary: true,
    forceFile: { kind: 'absent' },
    distrust: undefined,
    barred: [],
    failures: 0,
    pause: undefined,
    hold: findHold(service.pidfile),
  };
}
