import type { Options } from 'execa';
import { expect, test } from 'vitest';
import type { Plan } from '../../src/decide.ts';
import type { Report } from '../../src/dry-run/report.ts';
import type { Event } from '../../src/log/messages.ts';
import { because } from '../../src/log/reasons.ts';
import { NO_PID, startSleeper } from './process.ts';
import { isReport, problems } from './schema.ts';
import { type TestService, testService } from './service.ts';
import { PROGRAM, type Program, type Run, sipwd } from './sipwd.ts';
import { AS_NOBODY, publicProgram } from './user.ts';

/** A call of sipwd without the options of a dry run. */
export interface Call {
  readonly args: readonly string[];
  readonly options?: Options;
  readonly program?: Program;
}

/** The report of a dry run, which the schema must allow. */
export async function rehearse({ args, options, program = PROGRAM }: Call): Promise<Report> {
  const run = await sipwd(['--dry-run', '--json', ...args], options, program);
  if (run.stderr !== '') throw new Error(run.stderr);
  const found: unknown = JSON.parse(run.stdout);
  if (!isReport(found)) throw new Error(`docs/dry-run.schema.json does not allow this: ${problems()}`);
  const { kind, status } = found.plan;
  const expected = kind === 'nothing' ? 0 : kind === 'refuse' ? status : 1;
  if (run.status !== expected) throw new Error(`exit status ${run.status}, expected ${expected}`);
  return found;
}

/** What a run changes, as its plan shows it. */
export interface Deeds {
  readonly removes: readonly string[];
  /** `SIGTERM and SIGCONT to PID 7` */
  readonly signals: readonly string[];
  readonly starts: boolean;
  readonly status: number | undefined;
}

export function planned({ actions, status }: Report['plan']): Deeds {
  const last = actions.at(-1);
  return {
    removes: actions.flatMap((action) => (action.kind === 'remove' ? action.what : [])),
    signals: actions.flatMap((action) =>
      action.kind === 'signal' ? action.pids.map((pid) => `${action.signals.join(' and ')} to PID ${pid}`) : [],
    ),
    starts: last?.kind === 'start',
    status,
  };
}

/** What a message says is removed. */
const REMOVED: ReadonlyMap<Event, string> = new Map([
  ['forcedRestart', 'force-restart file'],
  ['pidfileRemoved', 'stale pidfile'],
]);

export function done({ said, events, linesOf, status }: Run): Deeds {
  const signals = said.flatMap((line, index) =>
    events[index] === 'sent' ? (/: sent (.*?) \(/.exec(line)?.[1] ?? []) : [],
  );
  // A process that this run has ended may be a zombie at the start: no dry run can know.
  const isOwnZombie = (line: string) =>
    signals.some((signal) => line.includes(`${signal.replace(/^.* to /, '')} ${because.zombie()}`));
  return {
    removes: [...REMOVED].flatMap(([event, what]) => linesOf(event).flatMap((line) => (isOwnZombie(line) ? [] : what))),
    signals,
    starts: events.includes('starting'),
    status,
  };
}

/** A state of a service, and what a run would do. */
export interface Row {
  readonly when: string;
  readonly make: (service: TestService) => Promise<Call> | Call;
  readonly kind: Plan['kind'];
  /** what the plan gives as its reason; one of several where that depends on the moment */
  readonly why: (service: TestService) => string | readonly string[];
  /** of the run */
  readonly status: number;
}

/** A test for each state: the dry run plans exactly that, and a run does it. */
export function testStates(states: readonly Row[]): void {
  for (const { when, make, kind, why, status } of states) {
    test(`when ${when}: ${kind}`, async () => {
      const service = testService();
      const call = await make(service);
      const { plan } = await rehearse(call);
      expect(plan).toMatchObject({ kind, status });
      expect([why(service)].flat()).toContain(plan.why);
      const [made, promised] = [done(await sipwd(call.args, call.options, call.program)), planned(plan)];
      // A zombie of the dry run may be reaped before the run: then there is no stale pidfile.
      const isStaleToo = made.removes.includes('stale pidfile');
      const removes = promised.removes.filter((what) => isStaleToo || what !== 'stale pidfile');
      expect(made).toEqual({ ...promised, removes });
    });
  }
}

/** A process of the service. A core of it would fall into the working directory. */
export function sleeper(service: TestService): Promise<number> {
  return startSleeper(service.binfile, 'ulimit -c 0');
}

/** One PID that runs, one that is gone. */
export async function inPart(service: TestService): Promise<Call> {
  service.writePids(await sleeper(service), NO_PID);
  return service;
}

/** Why a service is down of which that PID is gone. */
export function absent(): string {
  return `PID ${NO_PID} ${because.absent()}`;
}

/** All run, and a forced restart is ordered. */
export async function ordered(service: TestService): Promise<Call> {
  service.writePids(await sleeper(service), await sleeper(service));
  service.write('svc.force', '');
  return service;
}

export function asNobody({ args }: TestService): Call {
  return { args, options: AS_NOBODY, program: publicProgram() };
}
