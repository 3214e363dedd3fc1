import { EXIT, type ExitStatus, Failure } from './failure.ts';
import { Binary } from './files/binary.ts';
import { findForceFile } from './files/force-file.ts';
import type { Log } from './log/siplog.ts';
import { checkHealth, namePids, whyNotHealthy } from './process/health.ts';
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
 * One pass over one service: the five steps, in their order.
 *
 * @throws Failure when it cannot be told whether the service runs, or is meant to
 */
export async function watch(service: Service, settings: Settings, world: World): Promise<ExitStatus> {
  const { runfile, binfile, pidfile, forceRestartFile } = service;
  const { proc, environment } = world;

  if (!isMeantToRun(runfile)) {
    await world.debug(`${binfile} is not meant to run: there is no ${runfile}`);
    return EXIT.ok;
  }

  const binary = new Binary(binfile, environment.PATH);
  const health = await verify(pidfile, binary, proc);
  if (health.kind === 'unknown') throw cannotTell(binfile, whyNotHealthy(health, pidfile));
  if (health.kind === 'healthy' && findForceFile(forceRestartFile).kind === 'absent') {
    await world.debug(`${binfile} is healthy: PID ${namePids(health.running)}`);
    return EXIT.ok;
  }

  const { cleanUp, forceRestart, inheritance, restart } = await import('./steps/repair.ts');
  const log = await world.openLog();
  const surroundings = {
    binfile,
    log,
    inherited: inheritance(environment, proc),
    isMeantToRun: () => isMeantToRun(runfile),
    judge: (pid: number) => judge(pid, binary, proc),
    checkHealth: (pids: readonly number[]) => checkHealth(pids, binary, proc),
    isDumpingCore: (pid: number) => proc.isDumpingCore(pid),
  };
  const withdrawn = () => {
    log.info(`${binfile} is not meant to run any more: ${runfile} was removed; nothing more is done`);
    return EXIT.ok;
  };
  if (health.kind === 'down') log.warn(`${binfile} is down: ${whyNotHealthy(health, pidfile)}`);

  const forced = await forceRestart(forceRestartFile, health.running, settings.timeouts, surroundings);
  const isRefused = forced.kind === 'refused';
  if (health.kind === 'healthy' && isRefused) return EXIT.notStopped;
  if (health.kind === 'healthy' && forced.kind === 'not wanted') return EXIT.ok;

  const isStuck = forced.kind === 'survived' || forced.kind === 'withdrawn';
  const cleared = isStuck ? forced : await cleanUp(health.running, settings.timeouts, surroundings);
  if (cleared.kind === 'withdrawn') return withdrawn();
  if (cleared.kind === 'survived') {
    const survivors = cleared.survivors.map(({ pid, why }) => `PID ${pid} ${why}`).join(', ');
    log.error(`cannot end what is left of ${binfile}, so it was not started: ${survivors}`);
    return EXIT.notStopped;
  }

  if (settings.exitIfDown) {
    log.info(`${binfile} needs a start; not started, because of --exit-if-down`);
    return EXIT.startNeeded;
  }
  const started = await restart(service, settings.timeouts.start, surroundings);
  if (started.kind === 'withdrawn') return withdrawn();
  if (started.kind === 'failed') return EXIT.startFailed;
  return isRefused ? EXIT.notStopped : EXIT.ok;
}

function cannotTell(binfile: string, why: string): Failure {
  return new Failure(EXIT.cannotTell, `cannot tell whether ${binfile} runs: ${why}; nothing was signalled or started`);
}
