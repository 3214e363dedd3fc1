import { EXIT, Failure } from '../failure.ts';
import { type Pidfile, readPidfile } from '../files/pidfile.ts';
import type { Health } from '../process/health.ts';
import type { Procfs } from '../process/procfs.ts';
import { sleep } from '../process/sleep.ts';

/** A daemon truncates its pidfile and writes it a moment later: this is long, even on a loaded machine. */
const SECOND_LOOK_MS = 200;

/** A process that exits gives its memory back before its files and sockets; with much of it, that takes a while. */
const EXITING_MS = 2000;
const EXITING_POLL_MS = 20;

export interface Finding {
  readonly health: Health;
  readonly pidfile: Pidfile;
}

/**
 * Judges every PID in the pidfile.
 *
 * @param check the state of the service that has the PIDs of a pidfile
 * @throws Failure (noProcfs) when /proc is not procfs, (cannotTell) when it is another's, (badPidfile) when the pidfile is not usable
 */
export async function verify(path: string, proc: Procfs, check: (pidfile: Pidfile) => Health): Promise<Finding> {
  if (!proc.isMounted()) {
    const message = '/proc is not procfs, so no process can be checked; mount it: mount -t proc proc /proc';
    throw new Failure(EXIT.noProcfs, message);
  }
  if (!proc.isOurs()) {
    const message = '/proc belongs to another PID namespace, so no process can be checked; mount it anew in this one';
    throw new Failure(EXIT.cannotTell, message);
  }
  let pidfile = readPidfile(path);
  if (pidfile.pids.length === 0 && pidfile.access !== undefined) {
    await sleep(SECOND_LOOK_MS);
    pidfile = readPidfile(path);
  }
  const health = check(pidfile);
  return { health: isPassing(health) ? await settle(() => check(pidfile)) : health, pidfile };
}

/** What becomes of a service of which a process is on its way out. */
async function settle(look: () => Health): Promise<Health> {
  const deadline = performance.now() + EXITING_MS;
  for (;;) {
    await sleep(EXITING_POLL_MS);
    const health = look();
    if (!isPassing(health) || performance.now() > deadline) return health;
  }
}

function isPassing(health: Health): boolean {
  return health.kind === 'unknown' && health.unknown.some(({ passing }) => passing);
}
