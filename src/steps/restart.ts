import { unlinkSync } from 'node:fs';
import { decide, type Plan } from '../decide.ts';
import { EXIT, Exit } from '../exit.ts';
import { isAbsence, reasonOf } from '../files/errno.ts';
import { noteCommand } from '../files/lock.ts';
import { identityOf, readPidfile } from '../files/pidfile.ts';
import { inDirectoryOf } from '../files/symlinks.ts';
import { messages } from '../log/messages.ts';
import { inheritance } from '../process/inherited.ts';
import { runInShell } from '../process/shell.ts';
import type { Guard } from '../process/terminate.ts';
import type { Running } from '../process/verdict.ts';
import { Check } from '../service/check.ts';
import { storeConfirmed } from '../service/confirm.ts';
import type { Context } from '../service/context.ts';
import { runningIn, toHealth, whyNotHealthy } from '../service/health.ts';
import type { Member } from '../service/member.ts';
import type { Observation } from '../service/observation.ts';
import { StartRecord } from '../service/start-record.ts';
import { untilSettled } from '../service/start-up.ts';
import { withDuration } from '../service/tally.ts';

/**
 * Step 5: runs the start command, then waits until all PIDs in the pidfile run, and one second more. With
 * --exit-if-down, neither.
 *
 * @param seen the observation that the plan is based on
 * @returns the same, with the processes that run now
 * @throws Exit (startFailed), (startNeeded) with --exit-if-down, or when the service is no longer enabled
 */
export async function restart(plan: Plan, seen: Observation, context: Context, guard: Guard): Promise<Observation> {
  const { service } = seen;
  const { log } = context;
  const start = plan.actions.find((action) => action.kind === 'start');
  guard.requireEnabled();
  if (start === undefined) throw new Exit(EXIT.startNeeded, messages.startNeeded());
  if (plan.actions.some((each) => each.kind === 'remove' && each.what === 'stale pidfile')) removeStale(seen, context);

  const check = new Check(service, context);
  const before = identityOf(readPidfile(service.pidfile));
  const record = StartRecord.begin(check, before, seen.progress, context);
  const began = performance.now();
  const problem = await runCommand(start.command, record, seen, { context, check, guard });
  record.finish(problem === undefined ? 'not confirmed' : 'failed');
  // What follows only waits: the next repair can act meanwhile.
  context.turn.end();
  if (problem !== undefined) throw new Exit(EXIT.startFailed, messages.startFailed(problem, start.command));
  if (service.settings.timeouts.start === 0) return seen;
  log.say(messages.waiting('all PIDs in the pidfile run', service.settings.timeouts.start / 1000));
  const outcome = await untilSettled(service, check, guard, { before, began });
  if (outcome.kind === 'not up') {
    record.finish(outcome.wasUp ? 'failed' : 'not confirmed', true);
    throw new Exit(EXIT.startFailed, messages.notUp(service.settings.timeouts.start / 1000, outcome.why));
  }
  const { pidfile, running, took } = outcome;
  check.tally = withDuration(check.tally, took);
  const notStored = await storeConfirmed(check, pidfile, running, context);
  if (notStored !== undefined) log.say(messages.snapshotNotStored(notStored));
  const pids = running.map(({ pid }) => pid);
  log.say(messages.started(pids, (took / 1000).toFixed(2)));
  return { ...seen, pidfile, verdicts: running, health: { kind: 'healthy', running } };
}

/** A daemon that checks its pidfile with kill(pid, 0) would take a zombie for itself, and refuse to start. */
function removeStale({ service, pidfile, health }: Observation, { log }: Context): void {
  const path = service.pidfile;
  try {
    // Somebody may have written it meanwhile.
    if (health.kind !== 'down' || identityOf(readPidfile(path)) !== identityOf(pidfile)) return;
    inDirectoryOf(path, unlinkSync);
    log.say(messages.pidfileRemoved(path, whyNotHealthy(health, pidfile)));
  } catch (error) {
    if (!isAbsence(error)) log.say(messages.pidfileStays(path, reasonOf(error)));
  }
}

/** What runs before the start, when nothing of the service should. */
function appeared(running: readonly Running[]): Member[] {
  return running.map((each) => ({ ...each, evidence: 'pidfile', isMain: true }));
}

/** Between the last check and the start there is no message and no wait. */
async function runCommand(
  command: string,
  record: StartRecord,
  seen: Observation,
  { context, check, guard }: { readonly context: Context; readonly check: Check; readonly guard: Guard },
): Promise<string | undefined> {
  const { log, proc, environment } = context;
  log.say(messages.starting(command));
  const inherited = inheritance(environment, proc);
  guard.requireEnabled();
  const pidfile = readPidfile(seen.service.pidfile);
  const verdicts = check.quickVerdicts(pidfile);
  const health = toHealth(verdicts);
  const { end, status } = decide({ ...seen, pidfile, verdicts, health, members: appeared(runningIn(health)) });
  if (end !== undefined) throw new Exit(status, end);
  const { pid, problem } = runInShell(command, inherited, record.environment);
  const stat = pid === undefined ? undefined : proc.stat(pid);
  if (pid !== undefined && stat?.kind === 'read') noteCommand(seen.lock, { pid, startTime: stat.value.startTime });
  return problem;
}
