import { EXIT, Failure } from './failure.ts';
import { type ForceFile, findForceFile } from './files/force-file.ts';
import type { Pidfile } from './files/pidfile.ts';
import { Judge } from './judge.ts';
import type { Log } from './log/siplog.ts';
import { type Health, namePids, whyNotHealthy } from './process/health.ts';
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

/** What a look at a service that is meant to run has found. */
export interface Finding {
  readonly health: Exclude<Health, { kind: 'unknown' }>;
  readonly pidfile: Pidfile;
  readonly forceFile: ForceFile;
  readonly judge: Judge;
  /** it is healthy, and nobody wants it restarted */
  readonly isInOrder: boolean;
}

/**
 * Steps 1 and 2: all that a healthy run does.
 *
 * @returns undefined when the service is not meant to run
 * @throws Failure when it cannot be told whether the service runs, or is meant to
 */
export async function look(service: Service, settings: Settings, world: World): Promise<Finding | undefined> {
  const { runfile, binfile } = service;
  const { proc, environment } = world;
  if (!isMeantToRun(runfile)) {
    await world.debug(`${binfile} is not meant to run: there is no ${runfile}`);
    return undefined;
  }

  const judge = await Judge.of(service, settings.hasMemory, proc, environment);
  const { binary, memory } = judge;
  if (memory.problem !== undefined) await world.debug(`cannot use what was seen of ${binfile}: ${memory.problem}`);
  const check = (pidfile: Pidfile) => memory.recognise(pidfile, binary) ?? judge.health(pidfile);
  const { health, pidfile } = await verify(service.pidfile, proc, check);
  if (health.kind === 'unknown') throw cannotTell(binfile, whyNotHealthy(health, pidfile));
  if (health.kind === 'healthy') {
    await world.debug(`${binfile} is healthy: PID ${namePids(pidfile.pids)}`);
    const problem = memory.keep(pidfile, health.running, judge.one);
    if (problem !== undefined) await world.debug(`cannot write down what was seen of ${binfile}: ${problem}`);
  }
  const forceFile = findForceFile(service.forceRestartFile);
  const isInOrder = health.kind === 'healthy' && forceFile.kind !== 'present';
  return { health, pidfile, forceFile, judge, isInOrder };
}

function cannotTell(binfile: string, why: string): Failure {
  return new Failure(EXIT.cannotTell, `cannot tell whether ${binfile} runs: ${why}; nothing was signalled or started`);
}
