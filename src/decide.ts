import { EXIT, type ExitStatus } from './exit.ts';
import { identityOf } from './files/pidfile.ts';
import { listed, type Message, messages } from './log/messages.ts';
import { because, why } from './log/reasons.ts';
import type { Witness } from './process/verdict.ts';
import { whyNotHealthy } from './service/health.ts';
import { isInOrder, isOrdered, type Observation } from './service/observation.ts';

/** One entry of a plan. */
export type Action =
  | { readonly kind: 'remove'; readonly what: 'force-restart file' | 'stale pidfile'; readonly path: string }
  | SignalAction
  | { readonly kind: 'start'; readonly command: string }
  /** with --exit-if-down, instead of the start */
  | { readonly kind: 'exit'; readonly status: ExitStatus };

export interface SignalAction {
  readonly kind: 'signal';
  readonly signal: 'SIGABRT' | 'SIGTERM';
  readonly processes: readonly Witness[];
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
  whenHeld,
  whenNotLocked,
  whenNotConfirmed,
  whenPaused,
  whenClaimed,
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
  const before = new Map(progress.members.map(({ pid, startTime }) => [pid, startTime]));
  const living = health.kind === 'unknown' ? health.unknown : health.running;
  // A process that exits slowly may still stand in a pidfile that is being written.
  const pids = living.filter(({ pid, startTime }) => before.get(pid) !== startTime).map(({ pid }) => pid);
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

/** A forced restart that is ordered waits as well: its file stays. */
function whenHeld(seen: Observation): Plan | undefined {
  const { hold, progress } = seen;
  if (hold === undefined || progress !== undefined) return undefined;
  return nothing((hold.isSaid ? messages.stillHeld : messages.held)(hold.path, whyToAct(seen)));
}

function whenNotLocked(seen: Observation): Plan | undefined {
  const { lock } = seen;
  if (lock?.kind === 'held') return refuse(EXIT.busy, messages.busy());
  if (lock?.kind === 'starting') return refuse(EXIT.busy, messages.stillStarting(lock.command));
  if (lock?.kind !== 'not available') return undefined;
  return refuse(EXIT.cannotTell, messages.cannotLock(lock.path, lock.problem), noticesOf(seen));
}

/** A forced restart ends such a start. */
function whenNotConfirmed(seen: Observation): Plan | undefined {
  const { unconfirmed, pidfile, progress } = seen;
  const isEnding = isOrdered(seen) || (progress !== undefined && !progress.isOrderStuck);
  if (unconfirmed.length === 0 || isEnding) return undefined;
  const processes = unconfirmed.map(({ pid, exe, age }) => why.carrier(pid, exe, age.toFixed(0)));
  return refuse(EXIT.startFailed, messages.notConfirmed(listed(processes), pidfile.path, seen.service.binfile));
}

/** The operator ends a pause with a forced restart. */
function whenPaused(seen: Observation): Plan | undefined {
  const { pause, failures, progress, service } = seen;
  if (pause === undefined || progress !== undefined || isOrdered(seen)) return undefined;
  const { isNew, endsAt } = pause;
  const reason = whyToAct(seen);
  const end = isNew
    ? messages.paused(failures, endsAt, service.runfile, reason)
    : messages.stillPaused(failures, endsAt, reason);
  return refuse(EXIT.paused, end);
}

/** A PID in the pidfile that is another service, says a snapshot: neither can be started or stopped without harm. */
function whenClaimed(seen: Observation): Plan | undefined {
  if (seen.claimed.length === 0) return undefined;
  return refuse(EXIT.notStopped, messages.claimed(seen.claimed), noticesOf(seen));
}

function whenNotTrusted(seen: Observation): Plan | undefined {
  if (seen.distrust === undefined) return undefined;
  const { why: reason, fix } = seen.distrust;
  const pids = seen.members.map(({ pid }) => pid);
  return refuse(EXIT.notStopped, messages.refused(pids, reason, fix), noticesOf(seen));
}

/** All or none: a service with half of its processes stopped is worse than one that waits for an operator. */
function whenBarred(seen: Observation): Plan | undefined {
  // A forced restart may end the program that called sipwd: cron, for example.
  const barred = seen.barred.filter(({ isAncestor }) => !isAncestor || !isOrdered(seen));
  if (barred.length === 0) return undefined;
  const reasons = barred.map(
    ({ pid, isAncestor }) => `PID ${pid} ${isAncestor ? because.ancestor() : because.mayNotBeSignalled()}`,
  );
  return refuse(EXIT.notStopped, messages.notStopped(listed(reasons)), noticesOf(seen));
}

function whenNotCleanedUp({ progress, members }: Observation): Plan | undefined {
  if (!progress?.isCleanedUp || members.length === 0) return undefined;
  const reasons = members.map(({ pid }) => `PID ${pid} ${because.appeared()}`);
  return refuse(EXIT.notStopped, messages.notStopped(listed(reasons)));
}

function act(seen: Observation): Plan {
  const { service, pidfile, members, progress } = seen;
  const { exitIfDown, timeouts } = service.settings;
  const isForced = isOrdered(seen);
  const toAbort = members.filter(({ isMain }) => isForced && isMain);
  const toTerminate = members.filter(({ isMain }) => !isForced || !isMain);
  return {
    kind: isForced ? 'forced restart' : members.length > 0 ? 'clean up and start' : 'start',
    why: whyToAct(seen),
    actions: [
      ...(isForced ? remove('force-restart file', service.forceRestartFile ?? '') : []),
      ...signal('SIGABRT', toAbort, timeouts.abort),
      ...signal('SIGTERM', toTerminate, timeouts.term),
      ...(isStale(seen) && !exitIfDown ? remove('stale pidfile', pidfile.path) : []),
      exitIfDown ? { kind: 'exit', status: EXIT.startNeeded } : { kind: 'start', command: service.command },
    ],
    messages: noticesOf(seen),
    end: undefined,
    status: progress?.isOrderStuck ? EXIT.notStopped : exitIfDown ? EXIT.startNeeded : EXIT.ok,
  };
}

function whyToAct(seen: Observation): string {
  const { service, health, pidfile } = seen;
  const reasons = [
    ...(health.kind === 'down' ? [whyNotHealthy(health, pidfile)] : []),
    ...(isOrdered(seen) ? [why.ordered(service.forceRestartFile ?? '')] : []),
  ];
  return reasons.join(', and ');
}

/**
 * Whether the pidfile would make a daemon that checks it with kill(pid, 0) refuse to start: no PID in it can be the
 * service, and one still exists. A PID that runs another program proves nothing: `<binfile>` may be a typo.
 */
function isStale({ health }: Observation): boolean {
  if (health.kind !== 'down') return false;
  const isCertain = health.gone.every(({ cause }) => cause !== 'other program');
  return isCertain && health.gone.some(({ cause }) => cause !== 'no process');
}

function remove(what: 'force-restart file' | 'stale pidfile', path: string): Action[] {
  return [{ kind: 'remove', what, path }];
}

function signal(name: SignalAction['signal'], processes: readonly Witness[], timeout: number): SignalAction[] {
  return processes.length === 0 ? [] : [{ kind: 'signal', signal: name, processes, timeout }];
}

/** What is wrong with the service, said once in a run. */
function noticesOf(seen: Observation): Message[] {
  const { service, health, pidfile, members, leftAlone, hasBinary, forceFile, progress } = seen;
  if (progress !== undefined) return [];
  const notices: Message[] = [];
  if (forceFile.kind === 'ignored')
    notices.push(messages.forceFileIgnored(service.forceRestartFile ?? '', forceFile.why));
  if (health.kind !== 'down') return notices;
  notices.push(messages.down(whyNotHealthy(health, pidfile)));
  if (!hasBinary) notices.push(messages.noSuchBinary(service.binfile));
  const hidden = members.filter(({ evidence }) => evidence !== 'pidfile');
  if (hidden.length > 0) notices.push(messages.leftOver(hidden.map(({ pid, evidence }) => why.member(pid, evidence))));
  if (leftAlone.length > 0)
    notices.push(messages.leftAlone(leftAlone.map(({ pid, why: reason }) => `PID ${pid} ${reason}`)));
  return notices;
}

function nothing(end: Message, status: ExitStatus = EXIT.ok): Plan {
  return { kind: 'nothing', why: end.text, actions: [], messages: [], end, status };
}

function refuse(status: ExitStatus, end: Message, notices: readonly Message[] = []): Plan {
  return { kind: 'refuse', why: end.text, actions: [], messages: notices, end, status };
}
