import { EXIT, type ExitStatus } from '../failure.ts';
import { type Health, whyNotHealthy } from '../process/health.ts';
import type { ProcessId } from '../process/identity.ts';
import type { Service } from '../service.ts';
import type { Settings } from '../settings.ts';

/** What a run would do. */
export interface Plan {
  readonly action: 'nothing' | 'start' | 'clean up and start' | 'restart by force' | 'refuse';
  readonly why: string;
  /** the signals and the command, in their order */
  readonly steps: readonly string[];
  /** 0: nothing to do, 1: something; or that of the error that a run would end with */
  readonly status: ExitStatus;
}

/** All that the decision depends on. */
export interface Situation {
  readonly service: Service;
  readonly settings: Settings;
  readonly health: Health;
  readonly survivors: readonly ProcessId[];
  readonly isMeantToRun: boolean;
  readonly isForced: boolean;
  readonly untrusted: string | undefined;
  readonly lockHolder: number | undefined;
}

/** What a run would do in a situation. */
export function plan(situation: Situation): Plan {
  const { service, health, isForced, isMeantToRun, lockHolder, untrusted } = situation;
  const refuse = (why: string, status: ExitStatus): Plan => ({ action: 'refuse', why, steps: [], status });
  if (!isMeantToRun) return nothing(`there is no ${service.runfile}, so the service is not meant to run`);
  if (health.kind === 'unknown') return refuse(whyNotHealthy(health, service.pidfile), EXIT.cannotTell);
  if (health.kind === 'healthy' && !isForced) return nothing('all PIDs run');
  if (lockHolder !== undefined) return refuse(`another sipwd, PID ${lockHolder}, is at work on it`, EXIT.busy);
  if (untrusted !== undefined) return refuse(`the pidfile cannot be trusted: ${untrusted}`, EXIT.notStopped);

  const isDown = health.kind === 'down';
  const why = isDown ? whyNotHealthy(health, service.pidfile) : `there is ${service.forceRestartFile}`;
  const steps = stepsOf(situation, health.running);
  const isCleanUp = health.running.length + situation.survivors.length > 0;
  const action = isForced ? 'restart by force' : isCleanUp ? 'clean up and start' : 'start';
  return { action, why, steps, status: EXIT.startNeeded };
}

function nothing(why: string): Plan {
  return { action: 'nothing', why, steps: [], status: EXIT.ok };
}

function stepsOf({ service, settings, survivors, isForced }: Situation, running: readonly ProcessId[]): string[] {
  const { term, abort } = settings.timeouts;
  const steps: string[] = [];
  const end = (signal: string, grace: number, processes: readonly ProcessId[]) => {
    const kill = `SIGKILL to whoever is left after ${grace / 1000} s`;
    for (const { pid } of processes) steps.push(`send ${signal} and SIGCONT to PID ${pid}; ${kill}`);
  };
  if (isForced) steps.push(`remove ${service.forceRestartFile}`);
  if (isForced) end('SIGABRT', abort, running);
  end('SIGTERM', term, isForced ? survivors : [...running, ...survivors]);
  steps.push(settings.exitIfDown ? 'exit 1, because of --exit-if-down' : `run /bin/sh -c with: ${service.command}`);
  return steps;
}
