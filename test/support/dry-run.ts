import type { Options } from 'execa';
import { expect, test } from 'vitest';
import type { Inspection } from '../../src/dry-run/inspect.ts';
import type { Plan } from '../../src/dry-run/plan.ts';
import { NO_PID, startSleeper } from './process.ts';
import { type TestService, testService } from './service.ts';
import { PROGRAM, type Program, type Run, sipwd } from './sipwd.ts';
import { folderOf, NOBODY, publicProgram } from './user.ts';

/** A call of sipwd without the options of a dry run. */
export interface Call {
  readonly args: readonly string[];
  readonly options?: Options;
  readonly program?: Program;
}

/** What a dry run finds; its exit status is that of its plan. */
export async function foretell({ args, options, program = PROGRAM }: Call): Promise<Inspection> {
  const run = await sipwd(['--dry-run', '--json', ...args], options, program);
  if (run.stderr !== '') throw new Error(run.stderr);
  const found: Inspection = JSON.parse(run.stdout);
  if (run.status !== found.plan.status) throw new Error(`exit status ${run.status}, planned ${found.plan.status}`);
  return found;
}

/** All that a run does to the world, as far as its plan can tell. */
export interface Deeds {
  readonly removes: boolean;
  /** `SIGTERM and SIGCONT to PID 7` */
  readonly signals: readonly string[];
  readonly starts: boolean;
  readonly status: number | undefined;
}

export function foretold({ action, steps, status }: Plan): Deeds {
  const last = steps.at(-1);
  return {
    removes: steps.some(({ kind }) => kind === 'remove'),
    signals: steps.flatMap((step) =>
      step.kind === 'signal' ? step.pids.map((pid) => `${step.signals.join(' and ')} to PID ${pid}`) : [],
    ),
    starts: last?.kind === 'run',
    status: action === 'refuse' ? status : last?.kind === 'exit' ? last.status : 0,
  };
}

export function done({ said, status }: Run): Deeds {
  return {
    removes: said.some((line) => line.startsWith('restarting ')),
    signals: said.flatMap((line) => /^sent (.*?) \(/.exec(line)?.[1] ?? []),
    starts: said.some((line) => line.startsWith('starting ')),
    status,
  };
}

/** A state of a service, and what a run would do. */
export interface Row {
  readonly when: string;
  readonly make: (service: TestService) => Promise<Call> | Call;
  readonly action: Plan['action'];
  readonly why: RegExp;
  /** of the dry run */
  readonly status: number;
}

/** A test for each state: the dry run foretells just that, and a run does it. */
export function testStates(states: readonly Row[]): void {
  for (const { when, make, action, why, status } of states) {
    test(`when ${when}: ${action}`, async () => {
      const call = await make(testService());
      const { plan } = await foretell(call);
      expect(plan).toMatchObject({ action, why: expect.stringMatching(why), status });
      expect(done(await sipwd(call.args, call.options, call.program))).toEqual(foretold(plan));
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

/** All run, and a restart is ordered. */
export async function ordered(service: TestService): Promise<Call> {
  service.writePids(await sleeper(service), await sleeper(service));
  service.write('svc.force', '');
  return service;
}

export function asNobody({ args }: TestService, runtime = folderOf(NOBODY)): Call {
  const options = { uid: NOBODY, gid: NOBODY, env: { XDG_RUNTIME_DIR: runtime } };
  return { args, options, program: publicProgram() };
}
