import type { Service } from '../args/service.ts';
import { Exit } from '../exit.ts';
import { identityOf, type Pidfile, readPidfile } from '../files/pidfile.ts';
import { listed, messages } from '../log/messages.ts';
import { why } from '../log/reasons.ts';
import { sleep } from '../process/sleep.ts';
import type { Guard } from '../process/terminate.ts';
import type { Running } from '../process/verdict.ts';
import type { Check } from './check.ts';
import { type Health, toHealth, whyNotHealthy } from './health.ts';

/** Short for a person who waits, and little work for a slow machine. */
const POLL_MS = 50;

/** A daemon that cannot bind its port, for example, writes its pidfile and exits at once. */
const SETTLE_MS = 1000;

export type Outcome =
  | {
      readonly kind: 'settled';
      readonly pidfile: Pidfile;
      readonly running: readonly Running[];
      /** ms until all of them ran */
      readonly took: number;
    }
  /** wasUp: all PIDs ran for a moment */
  | { readonly kind: 'not up'; readonly why: string; readonly wasUp: boolean };

interface Look {
  readonly pidfile: Pidfile;
  readonly health: Health;
}

/**
 * Waits until all PIDs in the pidfile run, and still run one second later. The timeout begins after the command: the
 * command itself may take longer.
 *
 * @param before identity of the pidfile before the start
 * @param began when the start began (performance.now())
 * @throws Exit when the service is no longer enabled
 */
export async function untilSettled(
  service: Service,
  check: Check,
  guard: Guard,
  { before, began }: { readonly before: string; readonly began: number },
): Promise<Outcome> {
  const timeout = service.settings.timeouts.start;
  const seen = new Set<number>();
  const exits = new Map<number, number>();
  const deadline = performance.now() + timeout;
  for (let since: number | undefined; ; ) {
    const look = await lookAt(service.pidfile, check);
    const now = performance.now();
    if (!(look instanceof Exit) && look.health.kind === 'healthy') {
      since ??= now;
      for (const { pid } of look.health.running) seen.add(pid);
      if (now - since >= SETTLE_MS) {
        return { kind: 'settled', pidfile: look.pidfile, running: look.health.running, took: since - began };
      }
    } else since = undefined;
    for (const pid of exitedIn(look)) if (seen.has(pid) && !exits.has(pid)) exits.set(pid, now - began);
    guard.requireEnabled(messages.disabledAfterStart);
    if (since === undefined && now > deadline) {
      return { kind: 'not up', why: whyNot(look, before, exits), wasUp: seen.size > 0 };
    }
    await sleep(POLL_MS);
  }
}

/** A pidfile that is being written can be unusable for a moment. */
async function lookAt(path: string, check: Check): Promise<Look | Exit> {
  try {
    const pidfile = readPidfile(path);
    return { pidfile, health: toHealth(await check.verdicts(pidfile)) };
  } catch (error) {
    if (error instanceof Exit) return error;
    throw error;
  }
}

function exitedIn(look: Look | Exit): number[] {
  return look instanceof Exit || look.health.kind !== 'down' ? [] : look.health.gone.map(({ pid }) => pid);
}

function whyNot(look: Look | Exit, before: string, exits: ReadonlyMap<number, number>): string {
  if (look instanceof Exit) return look.message;
  const { pidfile, health } = look;
  if (health.kind === 'healthy') return '';
  if (pidfile.pids.length > 0 && identityOf(pidfile) === before) {
    return why.notRewritten(pidfile.path, listed(pidfile.pids));
  }
  const exited = exitedIn(look).flatMap((pid) => {
    const after = exits.get(pid);
    return after === undefined ? [] : [why.exitedAfter(pid, (after / 1000).toFixed(1))];
  });
  return exited.length > 0 ? listed(exited) : whyNotHealthy(health, pidfile);
}
