import type { Service } from '../args/service.ts';
import { cannotTell, EXIT, Exit } from '../exit.ts';
import { findForceFile } from '../files/force-file.ts';
import { identityOf, type Pidfile, readPidfile } from '../files/pidfile.ts';
import { distrustOf } from '../files/trust.ts';
import type { Log } from '../log/log.ts';
import { listed, messages } from '../log/messages.ts';
import { distrust } from '../log/reasons.ts';
import { isBarred } from '../process/kill.ts';
import type { Procfs } from '../process/procfs.ts';
import { sleep } from '../process/sleep.ts';
import type { Verdict } from '../process/verdict.ts';
import { Check } from '../service/check.ts';
import { isFirstSight, storeConfirmed } from '../service/confirm.ts';
import type { Context } from '../service/context.ts';
import { runningIn, toHealth } from '../service/health.ts';
import type { Member } from '../service/member.ts';
import { membersOfHealthy, type Survey, survey } from '../service/members.ts';
import { type Barred, isInOrder, type Observation } from '../service/observation.ts';
import { observePause } from '../service/pause.ts';
import { ancestors } from '../service/workers.ts';

/** A daemon truncates its pidfile and writes it a moment later: this is long, even on a loaded machine. */
const EMPTY_PIDFILE_MS = 200;

/** A process that exits releases its memory before its files and sockets; with much memory, that takes a while. */
const EXITING_MS = 2000;
const EXITING_POLL_MS = 20;

/**
 * Step 2: checks every PID in the pidfile, and stores the snapshot of a healthy service. If there is something to do, it
 * observes what the decision needs.
 *
 * @param run what the run knows already
 * @throws Exit (noProcfs) when /proc is not procfs, (cannotTell) when it belongs to another PID namespace, (badPidfile)
 * when the pidfile is not usable
 */
export async function verify(
  service: Service,
  context: Context,
  run: Pick<Observation, 'isEnabled' | 'lock' | 'progress'>,
): Promise<Observation> {
  const { proc } = context;
  if (!proc.isMounted()) throw new Exit(EXIT.noProcfs, messages.noProcfs());
  if (!proc.isOurs()) throw new Exit(EXIT.cannotTell, messages.otherProcfs());
  const check = new Check(service, context, run.progress);
  const { pidfile, verdicts } = await examine(service.pidfile, check, context.log);
  const health = toHealth(verdicts);
  if (context.log.isVerbose) report(verdicts, check, context);
  const forceFile = findForceFile(service.forceRestartFile);
  const { tally } = check;
  const seen = { service, pidfile, verdicts, health, forceFile, tally, ...run, ...NOTHING_STOPS };
  const running = runningIn(health);
  if (health.kind === 'healthy') {
    const workers = check.stored === undefined ? [] : check.descendants(running);
    const problem = isFirstSight(check)
      ? await storeConfirmed(check, pidfile, running, context)
      : check.storeHealthy(pidfile, running, workers);
    if (problem !== undefined) context.log.say(messages.snapshotNotStored(problem));
    if (isInOrder(seen)) {
      const members = membersOfHealthy(running, workers);
      return { ...seen, ...NOTHING_FOUND, members, hasBinary: true, distrust: undefined, barred: [] };
    }
  }
  // Nothing is going to be done, or not before the lock is taken.
  const isEarly = health.kind === 'unknown' || run.lock === undefined;
  const { inDoubt, ...found } = isEarly
    ? { ...NOTHING_FOUND, inDoubt: [] }
    : await survey(check, pidfile, verdicts, context);
  if (inDoubt.length > 0) {
    const reasons = inDoubt.map(({ pid, why }) => `PID ${pid} ${why}`);
    throw cannotTell(listed(reasons));
  }
  return {
    ...seen,
    ...found,
    ...(!isEarly && observePause(service, check, proc)),
    hasBinary: check.binary.paths?.length !== 0,
    distrust: distrustFor(pidfile, found.members, check, proc),
    barred: barredAmong(found.members, proc),
  };
}

const NOTHING_STOPS = { failures: 0, pause: undefined, hold: undefined };

const NOTHING_FOUND: Omit<Survey, 'inDoubt'> = { members: [], claimed: [], unconfirmed: [], leftAlone: [] };

/**
 * A process that only the cookie shows was started by sipwd itself. All others rest on the pidfile, and those that it
 * does not name, on who could write it when the snapshot was stored.
 */
function distrustFor(pidfile: Pidfile, members: readonly Member[], { stored }: Check, proc: Procfs) {
  const named = members.filter(({ evidence }) => evidence !== 'cookie');
  const recorded = named.filter(({ evidence }) => evidence !== 'pidfile');
  const access = stored?.snapshot?.access ?? undefined;
  const now = distrustOf(pidfile.path, pidfile.access, named, proc);
  if (now !== undefined || stored?.snapshot?.pidfile === identityOf(pidfile)) return now;
  const then = distrustOf(pidfile.path, access, recorded, proc);
  const pids = recorded.map(({ pid }) => pid).join(',');
  return then && distrust.recorded(then.why, pids);
}

function barredAmong(members: readonly Member[], proc: Procfs): Barred[] {
  const above = new Set(ancestors(process.pid, proc));
  return members
    .map(({ pid }) => ({ pid, isAncestor: above.has(pid) }))
    .filter(({ pid, isAncestor }) => isAncestor || isBarred(pid));
}

async function examine(path: string, check: Check, log: Log): Promise<{ pidfile: Pidfile; verdicts: Verdict[] }> {
  let pidfile = readPidfile(path);
  if (pidfile.pids.length === 0 && pidfile.access !== undefined) {
    log.say(messages.waiting('the empty pidfile is read again', EMPTY_PIDFILE_MS / 1000));
    await sleep(EMPTY_PIDFILE_MS);
    pidfile = readPidfile(path);
  }
  let verdicts = await check.verdicts(pidfile);
  // The clock of Node takes a millisecond to load: only a wait needs it.
  if (!verdicts.some(isPassing)) return { pidfile, verdicts };
  log.say(messages.waiting('the process that is exiting has exited', EXITING_MS / 1000));
  const deadline = performance.now() + EXITING_MS;
  while (verdicts.some(isPassing) && performance.now() < deadline) {
    await sleep(EXITING_POLL_MS);
    verdicts = await check.verdicts(pidfile);
  }
  return { pidfile, verdicts };
}

function isPassing(verdict: Verdict): boolean {
  return verdict.kind === 'unknown' && verdict.isExiting;
}

function report(verdicts: readonly Verdict[], { stored }: Check, { log }: Context): void {
  const pidsOf = (processes: readonly { pid: number }[] = []) => processes.map(({ pid }) => pid);
  if (stored?.problem !== undefined) log.say(messages.snapshotNotUsable(stored.problem));
  if (stored?.snapshot !== undefined) {
    log.say(messages.snapshotUsed(pidsOf(stored.snapshot.mains), pidsOf(stored.snapshot.workers)));
  }
  for (const verdict of verdicts) {
    const why = verdict.kind === 'running' ? verdict.evidence : verdict.why;
    log.say(messages.verdict(verdict.pid, verdict.kind, why));
  }
}
