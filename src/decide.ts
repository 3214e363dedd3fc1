import { EXIT, type ExitStatus } from './exit.ts';
import { identityOf } from './files/pidfile.ts';
import { listed, type Message, messages } from './log/messages.ts';
import { because, why } from './log/reasons.ts';
import type { ProcessId } from './process/match.ts';
import { runningIn, whyNotHealthy } from './service/health.ts';
import { isInOrder, isOrdered, type Observation } from './service/observation.ts';

/** One entry of a plan. */
export type Action =
  | { readonly kind: 'remove'; readonly path: string }
  | SignalAction
  | { readonly kind: 'start'; readonly command: string }
  /** with --exit-if-down, instead of the start */
  | { readonly kind: 'exit'; readonly status: ExitStatus };

export interface SignalAction {
  readonly kind: 'signal';
  readonly signal: 'SIGABRT' | 'SIGTERM';
  readonly processes: readonly ProcessId[];
  /** ms until SIGKILL */
  readonly timeout: number;
}

/** What a run is going to do, and why. */
export interface Plan {
  readonly kind: 'nothing' | 'start' | 'clean up and start' | 'forced restart' | 'refuse';
  readonly why: string;
  readonly actions: readonly Action[];
  /** what a run logs before it acts */
  readonly messages: readonly Message[];
  /** the last message of a run that ends here: it has nothing to do, or refuses */
  readonly end: Message | undefined;
  /** the exit status of a run in which every action succeeds */
  readonly status: ExitStatus;
}

type Rule = (seen: Observation) => Plan | undefined;

/** The first rule that applies decides. */
const RULES: readonly Rule[] = [
  whenDisabled,
  whenStartedElsewhere,
  whenUnknown,
  whenUnkillable,
  whenInOrder,
  whenNotLocked,
  whenNotTrusted,
  whenBarred,
  whenNotCleanedUp,
];

/** What to do about a service. A run executes the plan, and decides again after each step; a dry run prints it. */
export function decide(seen: Observation): Plan {
  for (const rule of RULES) {
    const plan = rule(seen);
    if (plan !== undefined) return plan;
  }
  return act(seen);
}

function whenDisabled({ isEnabled, service, progress }: Observation): Plan | undefined {
  if (isEnabled) return undefined;
  return nothing((progress === undefined ? messages.disabled : messages.disabledMeanwhile)(service.runfile));
}

/** A pidfile that changed during the run and names a process that runs, or may run. */
function whenStartedElsewhere({ health, pidfile, progress }: Observation): Plan | undefined {
  if (progress === undefined || progress.pidfile === identityOf(pidfile)) return undefined;
  const pids = (health.kind === 'unknown' ? health.unknown : health.running).map(({ pid }) => pid);
  if (pids.length === 0) return undefined;
  return nothing(messages.startedElsewhere(pids), progress.isOrderStuck ? EXIT.notStopped : EXIT.ok);
}

function whenUnknown({ health, pidfile }: Observation): Plan | undefined {
  if (health.kind !== 'unknown') return undefined;
  return refuse(EXIT.cannotTell, messages.cannotTell(whyNotHealthy(health, pidfile)));
}

function whenUnkillable({ progress }: Observation): Plan | undefined {
  if (progress === undefined || progress.unkillable.length === 0) return undefined;
  const reasons = progress.unkillable.map((each) => `PID ${each.pid} ${each.why}`);
  return refuse(EXIT.notStopped, messages.notStopped(listed(reasons)));
}

function whenInOrder(seen: Observation): Plan | undefined {
  if (!isInOrder(seen)) return undefined;
  const { pidfile, progress } = seen;
  const plan = nothing(messages.healthy(pidfile.pids), progress?.isOrderStuck ? EXIT.notStopped : EXIT.ok);
  return { ...plan, why: why.allRun(), messages: noticesOf(seen) };
}

function whenNotLocked(seen: Observation): Plan | undefined {
  const { lock } = seen;
  if (lock?.kind === 'held') return refuse(EXIT.busy, messages.busy());
  if (lock?.kind !== 'not available') return undefined;
  return refuse(EXIT.cannotTell, messages.cannotLock(lock.path, lock.problem), noticesOf(seen));
}

function whenNotTrusted(seen: Observation): Plan | undefined {
  if (seen.distrust === undefined) return undefined;
  const { why: reason, fix } = seen.distrust;
  const pids = targetsOf(seen).map(({ pid }) => pid);
  return refuse(EXIT.notStopped, messages.refused(pids, reason, fix), noticesOf(seen));
}

/** All or none: a service with half of its processes stopped is worse than one that waits for an operator. */
function whenBarred(seen: Observation): Plan | undefined {
  if (seen.barred.length === 0) return undefined;
  const reasons = seen.barred.map((pid) => `PID ${pid} ${because.mayNotBeSignalled()}`);
  return refuse(EXIT.notStopped, messages.notStopped(listed(reasons)), noticesOf(seen));
}

function whenNotCleanedUp(seen: Observation): Plan | undefined {
  const targets = seen.progress?.isCleanedUp ? targetsOf(seen) : [];
  if (targets.length === 0) return undefined;
  const reasons = targets.map(({ pid }) => `PID ${pid} ${because.appeared()}`);
  return refuse(EXIT.notStopped, messages.notStopped(listed(reasons)));
}

function act(seen: Observation): Plan {
  const { service, health, pidfile, workers, progress } = seen;
  const { exitIfDown, timeouts } = service.settings;
  const isForced = isOrdered(seen);
  const running = runningIn(health);
  const toAbort = isForced ? running : [];
  const toTerminate = isForced ? workers : targetsOf(seen);
  const reasons = [
    ...(health.kind === 'down' ? [whyNotHealthy(health, pidfile)] : []),
    ...(isForced ? [why.ordered(service.forceRestartFile ?? '')] : []),
  ];
  const isCleanUp = running.length + workers.length > 0;
  return {
    kind: isForced ? 'forced restart' : isCleanUp ? 'clean up and start' : 'start',
    why: reasons.join(', and '),
    actions: [
      ...(isForced ? [{ kind: 'remove', path: service.forceRestartFile ?? '' } as const] : []),
      ...signal('SIGABRT', toAbort, timeouts.abort),
      ...signal('SIGTERM', toTerminate, timeouts.term),
      exitIfDown ? { kind: 'exit', status: EXIT.startNeeded } : { kind: 'start', command: service.command },
    ],
    messages: noticesOf(seen),
    end: undefined,
    status: progress?.isOrderStuck ? EXIT.notStopped : exitIfDown ? EXIT.startNeeded : EXIT.ok,
  };
}

/** The processes that would have to exit before a start. */
function targetsOf({ health, workers }: Observation): ProcessId[] {
  return [...runningIn(health), ...workers];
}

function signal(name: SignalAction['signal'], processes: readonly ProcessId[], timeout: number): SignalAction[] {
  return processes.length === 0 ? [] : [{ kind: 'signal', signal: name, processes, timeout }];
}

/** What is wrong with the service, said once in a run. */
function noticesOf({ service, health, pidfile, workers, hasBinary, forceFile, progress }: Observation): Message[] {
  if (progress !== undefined) return [];
  const notices: Message[] = [];
  if (forceFile.kind === 'ignored')
    notices.push(messages.forceFileIgnored(service.forceRestartFile ?? '', forceFile.why));
  if (health.kind !== 'down') return notices;
  notices.push(messages.down(whyNotHealthy(health, pidfile)));
  if (!hasBinary) notices.push(messages.noSuchBinary(service.binfile));
  const orphans = health.running.length === 0 ? workers.map(({ pid }) => pid) : [];
  if (orphans.length > 0) notices.push(messages.orphans(orphans));
  return notices;
}

function nothing(end: Message, status: ExitStatus = EXIT.ok): Plan {
  return { kind: 'nothing', why: end.text, actions: [], messages: [], end, status };
}

function refuse(status: ExitStatus, end: Message, notices: readonly Message[] = []): Plan {
  return { kind: 'refuse', why: end.text, actions: [], messages: notices, end, status };
}
