import { EXIT, type ExitStatus } from '../failure.ts';
import type { Pidfile } from '../files/pidfile.ts';
import { type Health, whyNotHealthy } from '../process/health.ts';
import type { ProcessId } from '../process/identity.ts';
import type { Service } from '../service.ts';
import type { Settings } from '../settings.ts';

/** One thing that a run would do. */
export type Step =
  | { readonly kind: 'remove'; readonly path: string }
  /** killAfter: seconds until SIGKILL to whoever is left */
  | {
      readonly kind: 'signal';
      readonly signals: readonly string[];
      readonly pids: readonly number[];
      readonly killAfter: number;
    }
  | { readonly kind: 'run'; readonly command: string }
  /** with --exit-if-down, in place of the start */
  | { readonly kind: 'exit'; readonly status: ExitStatus };

/** What a run would do. */
export interface Plan {
  readonly action: 'nothing' | 'start' | 'clean up and start' | 'restart by force' | 'refuse';
  readonly why: string;
  /** in their order; those of a run that refuses are what it does before it comes to that */
  readonly steps: readonly Step[];
  /** 0: nothing to do, 1: something; or that of the error that a run would end with */
  readonly status: ExitStatus;
}

/** All that the decision depends on. */
export interface Situation {
  readonly service: Service;
  readonly settings: Settings;
  readonly pidfile: Pidfile;
  readonly health: Health;
  readonly survivors: readonly ProcessId[];
  readonly isMeantToRun: boolean;
  readonly isForced: boolean;
  readonly untrusted: string | undefined;
  readonly lockHolder: number | undefined;
  /** why no lock can be taken */
  readonly unlockable: string | undefined;
  /** whether the caller may not signal a process */
  readonly isBarred: (pid: number) => boolean;
}

/** What a run would do in a situation. */
export function plan(situation: Situation): Plan {
  const { service, pidfile, health, isForced, isMeantToRun, lockHolder, unlockable, untrusted } = situation;
  const refuse = (why: string, status: ExitStatus): Plan => ({ action: 'refuse', why, steps: [], status });
  if (!isMeantToRun) return nothing(`there is no ${service.runfile}, so the service is not meant to run`);
  if (health.kind === 'unknown') return refuse(whyNotHealthy(health, pidfile), EXIT.cannotTell);
  if (health.kind === 'healthy' && !isForced) return nothing('all PIDs run');
  if (unlockable !== undefined) return refuse(unlockable, EXIT.cannotTell);
  if (lockHolder !== undefined) return refuse(`another sipwd, PID ${lockHolder}, is at work on it`, EXIT.busy);
  if (untrusted !== undefined) return refuse(`the pidfile cannot be trusted: ${untrusted}`, EXIT.notStopped);

  const steps = stepsOf(situation, health.running);
  const barred = steps.findIndex((step) => step.kind === 'signal' && step.pids.some(situation.isBarred));
  if (barred !== -1) {
    const who = [...health.running, ...situation.survivors].find(({ pid }) => situation.isBarred(pid));
    const why = `PID ${who?.pid} may not be signalled by this user`;
    return { action: 'refuse', why, steps: steps.slice(0, barred), status: EXIT.notStopped };
  }
  const reasons = [
    ...(health.kind === 'down' ? [whyNotHealthy(health, pidfile)] : []),
    ...(isForced ? [`there is ${service.forceRestartFile}`] : []),
  ];
  const isCleanUp = health.running.length + situation.survivors.length > 0;
  const action = isForced ? 'restart by force' : isCleanUp ? 'clean up and start' : 'start';
  return { action, why: reasons.join(', and '), steps, status: EXIT.startNeeded };
}

function nothing(why: string): Plan {
  return { action: 'nothing', why, steps: [], status: EXIT.ok };
}

function stepsOf({ service, settings, survivors, isForced }: Situation, running: readonly ProcessId[]): Step[] {
  const { term, abort } = settings.timeouts;
  const end = (signal: string, grace: number, processes: readonly ProcessId[]): Step[] => {
    const pids = processes.map(({ pid }) => pid);
    return pids.length === 0 ? [] : [{ kind: 'signal', signals: [signal, 'SIGCONT'], pids, killAfter: grace / 1000 }];
  };
  return [
    ...(isForced ? [{ kind: 'remove', path: service.forceRestartFile ?? '' } as const] : []),
    ...(isForced ? end('SIGABRT', abort, running) : []),
    ...end('SIGTERM', term, isForced ? survivors : [...running, ...survivors]),
    settings.exitIfDown ? { kind: 'exit', status: EXIT.startNeeded } : { kind: 'run', command: service.command },
  ];
}
