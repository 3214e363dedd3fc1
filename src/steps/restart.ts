import { Failure } from '../failure.ts';
import { type Pidfile, readPidfile } from '../files/pidfile.ts';
import type { Log } from '../log/siplog.ts';
import type { Inheritance } from '../process/caller.ts';
import { type Health, namePids, whyNotHealthy } from '../process/health.ts';
import { runInShell, type ShellExit } from '../process/shell.ts';
import { sleep } from '../process/sleep.ts';
import type { Service } from '../service.ts';

export type Restart = { readonly kind: 'started' | 'failed' | 'withdrawn' };

/** What starting a service needs to know of the world. */
export interface StartSurroundings {
  readonly inherited: Inheritance;
  readonly checkHealth: (pidfile: Pidfile) => Health;
  readonly isMeantToRun: () => boolean;
  readonly log: Log;
}

/** A person who waits for the end of it sees no delay, and a slow machine is left in peace. */
const POLL_MS = 50;

/**
 * Runs the start command, then waits until all PIDs in the pidfile run.
 *
 * @param timeout how long to wait for them, in ms; 0: not at all
 */
export async function restart(service: Service, timeout: number, world: StartSurroundings): Promise<Restart> {
  const { binfile, command } = service;
  const { log } = world;
  if (!world.isMeantToRun()) return { kind: 'withdrawn' };
  log.info(`starting ${binfile}: ${command}`);
  const start = performance.now();
  const problem = problemOf(await runInShell(command, world.inherited));
  if (problem !== undefined) {
    log.error(`cannot start ${binfile}: the command ${problem}: ${command}`);
    return { kind: 'failed' };
  }
  if (timeout === 0) return { kind: 'started' };
  // A command may well take longer than that itself.
  const deadline = performance.now() + timeout;

  for (;;) {
    const found = look(service.pidfile, world.checkHealth);
    const elapsed = ((performance.now() - start) / 1000).toFixed(2);
    if (found.kind === 'healthy') {
      log.info(`started ${binfile}: PID ${namePids(found.running.map(({ pid }) => pid))} after ${elapsed} s`);
      return { kind: 'started' };
    }
    if (!world.isMeantToRun()) return { kind: 'withdrawn' };
    if (performance.now() > deadline) {
      log.error(
        `${binfile} did not come up within ${timeout / 1000} s, although the command ended well: ${found.missing}`,
      );
      return { kind: 'failed' };
    }
    await sleep(POLL_MS);
  }
}

function problemOf(exit: ShellExit): string | undefined {
  switch (exit.kind) {
    case 'exited':
      return exit.status === 0 ? undefined : `exited with status ${exit.status}`;
    case 'killed':
      return `was ended by ${exit.signal}`;
    case 'not started':
      return `could not be run (${exit.why})`;
  }
}

type Look = Extract<Health, { kind: 'healthy' }> | { readonly kind: 'missing'; readonly missing: string };

/** A pidfile that is just being written can be unusable for a moment. */
function look(pidfile: string, checkHealth: StartSurroundings['checkHealth']): Look {
  try {
    const found = readPidfile(pidfile);
    const health = checkHealth(found);
    return health.kind === 'healthy' ? health : { kind: 'missing', missing: whyNotHealthy(health, found) };
  } catch (error) {
    if (!Failure.is(error)) throw error;
    return { kind: 'missing', missing: error.message };
  }
}
