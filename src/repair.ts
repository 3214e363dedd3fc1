import { EXIT, type ExitStatus } from './failure.ts';
import { takeLock } from './files/lock.ts';
import { type Pidfile, readPidfile } from './files/pidfile.ts';
import { identityOf } from './files/record.ts';
import { whyUntrusted } from './files/trust.ts';
import type { Log } from './log/siplog.ts';
import type { Finding, World } from './look.ts';
import { inheritance } from './process/caller.ts';
import { type Health, nameEach, namePids, whyNotHealthy } from './process/health.ts';
import type { Service } from './service.ts';
import type { Settings } from './settings.ts';
import { cleanUp } from './steps/cleanup.ts';
import { forceRestart } from './steps/force-restart.ts';
import { restart } from './steps/restart.ts';
import { isMeantToRun } from './steps/runfile.ts';

/**
 * Takes the lock of a service, looks at it again, for another run may have done the work meanwhile, and acts.
 *
 * @throws Failure when the lock cannot be taken, and whatever the look throws
 */
export async function repair(
  service: Service,
  settings: Settings,
  world: World,
  look: () => Promise<Finding | undefined>,
): Promise<ExitStatus> {
  const log = await world.openLog();
  const lock = await takeLock(service.pidfile, world.environment);
  if (lock.kind === 'busy') {
    log.warn(`another sipwd is at work on ${service.binfile}; nothing was done`);
    return EXIT.busy;
  }
  const found = await look();
  return found === undefined || found.isInOrder ? EXIT.ok : act(found, service, settings, world, log);
}

/** Steps 3 to 5: a forced restart, the clean-up of what is left, the start. */
async function act(
  { health, pidfile, judge }: Finding,
  service: Service,
  settings: Settings,
  { proc, environment }: World,
  log: Log,
): Promise<ExitStatus> {
  const { runfile, binfile, forceRestartFile } = service;
  const survivors = judge.memory.survivors(pidfile, health.running, judge.one);
  if (health.kind === 'down') {
    log.warn(`${binfile} is down: ${whyNotHealthy(health, pidfile)}`);
    if (judge.binary.paths?.length === 0) log.warn(`there is no file ${binfile}: a typo, or an upgrade under way?`);
    if (health.running.length === 0 && survivors.length > 0) {
      log.warn(`of ${binfile}, PID ${namePids(survivors.map(({ pid }) => pid))} outlived their main process`);
    }
  }
  const left = [...health.running, ...survivors];
  const untrusted = whyUntrusted(pidfile, left, proc);
  if (untrusted !== undefined) {
    log.error(`cannot signal ${binfile} on the word of ${pidfile.path}, so nothing was started: ${untrusted}`);
    return EXIT.notStopped;
  }
  const surroundings = {
    binfile,
    log,
    inherited: inheritance(environment, proc),
    isMeantToRun: () => isMeantToRun(runfile),
    judge: judge.one,
    checkHealth: (each: Pidfile) => judge.health(each),
    isDumpingCore: (pid: number) => proc.isDumpingCore(pid),
  };
  const withdrawn = () => {
    log.info(`${binfile} is not meant to run any more: ${runfile} was removed; nothing more is done`);
    return EXIT.ok;
  };

  const forced = await forceRestart(forceRestartFile, health.running, survivors, settings.timeouts, surroundings);
  const isRefused = forced.kind === 'refused';
  if (health.kind === 'healthy' && isRefused) return EXIT.notStopped;
  if (health.kind === 'healthy' && forced.kind === 'not wanted') return EXIT.ok;

  const isStuck = forced.kind === 'survived' || forced.kind === 'withdrawn';
  const cleared = isStuck ? forced : await cleanUp(left, settings.timeouts, surroundings);
  if (cleared.kind === 'withdrawn') return withdrawn();
  if (cleared.kind === 'survived') {
    const who = nameEach(cleared.survivors.map(({ pid, why }) => `PID ${pid} ${why}`));
    log.error(`cannot end what is left of ${binfile}, so it was not started: ${who}`);
    return EXIT.notStopped;
  }

  // That can take a while: the daemon itself, its supervisor or an operator may have started it anew.
  const now = readPidfile(service.pidfile);
  const meanwhile = identityOf(now) === identityOf(pidfile) ? [] : runningOf(judge.health(now));
  if (meanwhile.length > 0) {
    const pids = namePids(meanwhile.map(({ pid }) => pid));
    log.warn(`somebody else has started ${binfile} meanwhile: PID ${pids} runs; it was not started again`);
    return isRefused ? EXIT.notStopped : EXIT.ok;
  }

  if (settings.exitIfDown) {
    // Whoever starts it in our place on status 1 must not undo what the operator did meanwhile.
    if (!surroundings.isMeantToRun()) return withdrawn();
    log.info(`${binfile} needs a start; not started, because of --exit-if-down`);
    return EXIT.startNeeded;
  }
  const started = await restart(service, settings.timeouts.start, surroundings);
  if (started.kind === 'withdrawn') return withdrawn();
  if (started.kind === 'failed') return EXIT.startFailed;
  return isRefused ? EXIT.notStopped : EXIT.ok;
}

/** Those that run, or may do so. */
function runningOf(health: Health): readonly { readonly pid: number }[] {
  return health.kind === 'unknown' ? health.unknown : health.running;
}
