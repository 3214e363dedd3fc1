import { EXIT, type ExitStatus, Failure } from './failure.ts';
import { Binary } from './files/binary.ts';
import { findForceFile } from './files/force-file.ts';
import { type Pidfile, readPidfile } from './files/pidfile.ts';
import { identityOf } from './files/record.ts';
import { whyUntrusted } from './files/trust.ts';
import type { Log } from './log/siplog.ts';
import { Memory } from './memory.ts';
import { checkHealth, type Health, nameEach, namePids, whyNotHealthy } from './process/health.ts';
import { judge } from './process/identity.ts';
import type { Procfs } from './process/procfs.ts';
import type { Service } from './service.ts';
import type { Settings } from './settings.ts';
import { isMeantToRun } from './steps/runfile.ts';
import { verify } from './steps/verify.ts';

/** Where a pass takes place. */
export interface World {
  readonly proc: Procfs;
  readonly environment: NodeJS.ProcessEnv;
  readonly openLog: () => Promise<Log>;
  /** says what only somebody who looks for a fault wants to read */
  readonly debug: (message: string) => Promise<void>;
}

/**
 * One pass over one service: the five steps, in their order. Whoever finds something to do takes the lock of the
 * service and makes the pass anew under it, for another run may have done the work meanwhile.
 *
 * @throws Failure when it cannot be told whether the service runs, or is meant to
 */
export async function watch(service: Service, settings: Settings, world: World, isLocked = false): Promise<ExitStatus> {
  const { runfile, binfile, forceRestartFile } = service;
  const { proc, environment } = world;

  if (!isMeantToRun(runfile)) {
    await world.debug(`${binfile} is not meant to run: there is no ${runfile}`);
    return EXIT.ok;
  }

  const binary = new Binary(binfile, environment.PATH);
  const judgeOne = (pid: number) => judge(pid, binary, proc);
  const memory = settings.hasMemory ? await Memory.recall(service.pidfile, environment, proc) : Memory.none(proc);
  if (memory.problem !== undefined) await world.debug(`cannot use what was seen of ${binfile}: ${memory.problem}`);
  const check = (found: Pidfile) => checkHealth(found.pids, (pid) => memory.correct(judgeOne(pid), found));
  const look = (found: Pidfile) => memory.recognise(found, binary.name) ?? check(found);
  const { health, pidfile } = await verify(service.pidfile, proc, look);
  if (health.kind === 'unknown') throw cannotTell(binfile, whyNotHealthy(health, service.pidfile));
  const forceFile = findForceFile(forceRestartFile);
  if (health.kind === 'healthy') {
    await world.debug(`${binfile} is healthy: PID ${namePids(pidfile.pids)}`);
    const problem = memory.keep(pidfile, health.running, judgeOne);
    if (problem !== undefined) await world.debug(`cannot write down what was seen of ${binfile}: ${problem}`);
    if (forceFile.kind === 'absent') return EXIT.ok;
  }

  const { cleanUp, forceRestart, inheritance, restart, takeLock } = await import('./steps/repair.ts');
  const log = await world.openLog();
  if (forceFile.kind === 'ignored' && !isLocked) {
    log.warn(`ignored the force-restart file ${forceRestartFile}: ${forceFile.why}`);
    if (health.kind === 'healthy') return EXIT.ok;
  }
  if (!isLocked) {
    const lock = await takeLock(service.pidfile, environment);
    if (lock.kind === 'taken') return watch(service, settings, world, true);
    log.warn(`another sipwd is at work on ${binfile}; nothing was done`);
    return EXIT.busy;
  }

  const survivors = memory.survivors(pidfile, health.running, judgeOne);
  if (health.kind === 'down') {
    log.warn(`${binfile} is down: ${whyNotHealthy(health, service.pidfile)}`);
    if (binary.paths?.length === 0) log.warn(`there is no file ${binfile}: a typo, or an upgrade under way?`);
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
    judge: judgeOne,
    checkHealth: check,
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
  const meanwhile = identityOf(now) === identityOf(pidfile) ? [] : runningOf(check(now));
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

function cannotTell(binfile: string, why: string): Failure {
  return new Failure(EXIT.cannotTell, `cannot tell whether ${binfile} runs: ${why}; nothing was signalled or started`);
}
