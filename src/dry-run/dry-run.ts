import { isatty } from 'node:tty';
import pLimit from 'p-limit';
import type { Service } from '../args/service.ts';
import type { Settings } from '../args/settings.ts';
import { decide } from '../decide.ts';
import { EXIT, Exit, type ExitStatus, logEnd } from '../exit.ts';
import { findHold } from '../files/hold.ts';
import { lockState } from '../files/lock.ts';
import { print } from '../files/stdout.ts';
import type { Journal } from '../log/log.ts';
import { AT_ONCE, type Context } from '../service/context.ts';
import type { Observation } from '../service/observation.ts';
import { isEnabled } from '../steps/runfile.ts';
import { verify } from '../steps/verify.ts';
import { readEntries, SERVICES_AT_ONCE, sayBad, sharedContext, statusOfAll } from '../table.ts';
import { overview } from './overview.ts';
import { page } from './page.ts';
import { type Report, toReport } from './report.ts';

/**
 * Prints what was found of a service, and the plan of a run; changes nothing.
 *
 * @throws Exit as a run does when it cannot observe the service, and when stdout cannot be written
 */
export async function dryRun(service: Service, context: Context, form: Form): Promise<ExitStatus> {
  const report = await rehearse(service, context);
  await print(form === 'json' ? toJson(report) : page(report, isColoured(context.environment)));
  return statusOf(report);
}

/**
 * Prints what was found of each service of a table, and the plans; changes nothing. Of a service that cannot be
 * observed, the error is logged instead.
 *
 * @returns 0 if all are 0, else the status of the first bad line or service in the order of the table
 * @throws Exit (usage) when the table cannot be used, (cannotTell) when stdout cannot be written
 */
export async function dryRuns(table: string, settings: Settings, form: Form, journal: Journal): Promise<ExitStatus> {
  const shared = sharedContext();
  const atOnce = pLimit(SERVICES_AT_ONCE);
  const results = await Promise.all(
    (await readEntries(table, settings)).map((entry): Result | Promise<Result> => {
      if (entry.kind === 'bad') return sayBad(entry, table, journal);
      const context = { ...shared, log: journal.about(entry.service.name), turn: AT_ONCE };
      return atOnce(() => rehearse(entry.service, context).catch((error: unknown) => logEnd(error, context.log)));
    }),
  );
  const reports = results.filter((result) => typeof result !== 'number');
  await print(form === 'json' ? toJson(reports) : overview(reports, isColoured(shared.environment)));
  return statusOfAll(results.map((result) => (typeof result === 'number' ? result : statusOf(result))));
}

/** The exit status of a service that cannot be observed. */
type Result = Report | ExitStatus;

type Form = 'page' | 'json';

async function rehearse(service: Service, context: Context): Promise<Report> {
  const { seen, problem } = await observe(service, context);
  return toReport(seen, decide(seen), problem, context);
}

function statusOf({ plan }: Report): ExitStatus {
  return plan.kind === 'nothing' ? EXIT.ok : plan.kind === 'refuse' ? plan.status : EXIT.startNeeded;
}

function toJson(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

function isColoured({ NO_COLOR }: NodeJS.ProcessEnv): boolean {
  return isatty(1) && !NO_COLOR;
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
    claimed: [],
    leftAlone: [],
    hasBinary: true,
    forceFile: { kind: 'absent' },
    distrust: undefined,
    barred: [],
    failures: 0,
    pause: undefined,
    hold: findHold(service.pidfile),
    tally: undefined,
  };
}
