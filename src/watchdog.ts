import type { Service } from './args/service.ts';
import { decide, type Plan } from './decide.ts';
import { EXIT, Exit, type ExitStatus } from './exit.ts';
import { Binary } from './files/binary.ts';
import type { Lock } from './files/lock.ts';
import { identityOf } from './files/pidfile.ts';
import type { Log } from './log/log.ts';
import { messages } from './log/messages.ts';
import { quickVerdictOn } from './process/match.ts';
import type { Guard } from './process/terminate.ts';
import type { Context } from './service/context.ts';
import { isOrdered, type Observation, type Progress } from './service/observation.ts';
import type { Trail } from './service/trail.ts';
import { isEnabled } from './steps/runfile.ts';
import { verify } from './steps/verify.ts';

/**
 * One pass over one service: checks it, and repairs it if needed.
 *
 * @param trail where it writes what it has seen and done
 * @throws Exit where the run ends early
 */
export async function watch(service: Service, context: Context, trail: Trail): Promise<ExitStatus> {
  const { runfile } = service;
  const { log } = context;

  trail.isEnabled = isEnabled(runfile);
  if (!trail.isEnabled) {
    log.say(messages.disabled(runfile));
    return EXIT.ok;
  }
  const found = await verify(service, context, { isEnabled: true, lock: undefined, progress: undefined });
  trail.seen = found;
  const plan = decide(found);
  if (plan.kind === 'nothing') return finish(plan, log);
  if (found.health.kind === 'unknown') proceed(plan, log);

  await context.turn.begin();
  try {
    return await repair(found, context, trail);
  } finally {
    context.turn.end();
  }
}

async function repair(found: Observation, context: Context, trail: Trail): Promise<ExitStatus> {
  const { runfile, pidfile } = found.service;
  const { log, environment, proc } = context;
  const { openLog, findHold, noteHold, takeLock, releaseLock } = await import('./late.ts');
  log.open(() => openLog(environment));
  const hold = findHold(pidfile);
  if (hold !== undefined) {
    if (!hold.isSaid) noteHold(pidfile);
    return finish(decide({ ...found, hold }), log);
  }
  const lock = await takeLock(pidfile, runfile, proc);
  try {
    return await repairUnder(lock, found, context, trail);
  } finally {
    releaseLock(lock);
  }
}

/** Observes again under the lock, then does what the plan says. */
async function repairUnder(lock: Lock, found: Observation, context: Context, trail: Trail): Promise<ExitStatus> {
  const { service } = found;
  const { runfile } = service;
  const { log } = context;
  const { core } = service.settings.timeouts;
  const { beginPause, coreSitesOf, forceRestart, cleanUp, restart } = await import('./late.ts');

  if (lock.kind !== 'ours') proceed(decide({ ...found, lock }), log);
  else if (lock.instead !== undefined) log.say(messages.lockedInstead(runfile, lock.instead));
  else log.say(messages.locked(lock.path));
  const guard = guardOf(service, context);
  const verifyAgain = async (progress?: Progress) => {
    trail.seen = await verify(service, context, { isEnabled: isEnabled(runfile), lock, progress });
    return trail.seen;
  };

  const seen = beginPause(await verifyAgain(), context);
  const plan = proceed(decide(seen), log);
  if (service.settings.onEvent !== undefined) trail.cores = coreSitesOf(plan, context.proc);
  const forced = await forceRestart(plan, progressFrom(seen), core, guard);
  const cleaned = await cleanUp(proceed(decide(await verifyAgain(forced)), log), forced, core, guard);
  const ready = await verifyAgain(cleaned);
  const last = proceed(decide(ready), log);
  trail.seen = await restart(last, ready, context, guard);
  trail.did = forced.isForced ? 'restarted' : 'started';
  return last.status;
}

function announce(plan: Plan, log: Log): void {
  for (const message of plan.messages) log.say(message);
  log.say(messages.planned(plan.kind, plan.why));
}

/** A healthy check throws nothing: that would take time. */
function finish(plan: Plan, log: Log): ExitStatus {
  announce(plan, log);
  if (plan.end !== undefined) log.say(plan.end);
  return plan.status;
}

/** @throws Exit when the plan ends the run */
function proceed(plan: Plan, log: Log): Plan {
  announce(plan, log);
  if (plan.end !== undefined) throw new Exit(plan.status, plan.end);
  return plan;
}

function progressFrom(seen: Observation): Progress {
  const { members } = seen;
  const failures = isOrdered(seen) ? 0 : seen.failures;
  return {
    pidfile: identityOf(seen.pidfile),
    members,
    isForced: false,
    isOrderStuck: false,
    isCleanedUp: false,
    unkillable: [],
    failures,
  };
}

/** What must be checked again before each signal. */
function guardOf({ runfile, binfile }: Service, { log, proc, environment }: Context): Guard {
  const binary = new Binary(binfile, environment.PATH);
  return {
    binfile,
    log,
    verdictOn: (known) => quickVerdictOn(known.pid, binary, proc, known),
    isDumpingCore: (pid) => proc.isDumpingCore(pid),
    requireEnabled: (word = messages.disabledMeanwhile) => {
      if (!isEnabled(runfile)) throw new Exit(EXIT.ok, word(runfile));
    },
  };
}
