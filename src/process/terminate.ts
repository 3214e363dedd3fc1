import { errnoOf } from '../failure.ts';
import type { Log } from '../log/siplog.ts';
import { hasEnded, type ProcessId, type Verdict } from './identity.ts';
import { sleep } from './sleep.ts';

/** How processes are ended: the first signal, and how long to wait for what follows, all in ms. */
export interface Ending {
  readonly signal: 'SIGTERM' | 'SIGABRT';
  /** from the first signal to SIGKILL */
  readonly grace: number;
  /** how long SIGKILL is held back at most while a core is written */
  readonly coreGrace: number;
}

/** What ending processes needs to know of the world. */
export interface Surroundings {
  /** the name of the binary, for the log */
  readonly binfile: string;
  readonly judge: (pid: number) => Verdict;
  readonly isDumpingCore: (pid: number) => boolean;
  /** whether the service is still meant to run; asked before each signal */
  readonly isMeantToRun: () => boolean;
  readonly log: Log;
}

export interface Survivor {
  readonly pid: number;
  readonly why: string;
}

export type Termination =
  | { readonly kind: 'ended' }
  | { readonly kind: 'withdrawn' }
  | { readonly kind: 'survived'; readonly survivors: readonly Survivor[] };

/** The start must follow the last exit within 50 ms; one look at a process takes some 20 µs. */
const POLL_MS = 10;

/** After SIGKILL only the kernel is at work: releasing much memory, or waiting for a device. */
const KILL_GRACE_MS = 5000;

/**
 * Ends processes: one signal each, SIGKILL for whoever is left after the grace period. Each is looked at again before
 * every signal and in every wait, by PID, start time and binary, so that a recycled PID is not signalled.
 */
export async function terminate(
  processes: readonly ProcessId[],
  { signal, grace, coreGrace }: Ending,
  world: Surroundings,
): Promise<Termination> {
  // All or none: a service with half of its processes ended is worse than one that waits for an operator.
  const barred = stillThere(processes, world).filter(({ pid }) => isBarred(pid));
  if (barred.length > 0) return survived(barred, () => `may not be signalled by uid ${process.geteuid?.()}`);

  for (const target of processes) {
    if (!world.isMeantToRun()) return { kind: 'withdrawn' };
    send(signal, target, world);
  }
  const killAt = performance.now() + grace;
  const killed = new Map<ProcessId, number>();
  const held = new Set<ProcessId>();
  for (;;) {
    const left = stillThere(processes, world);
    if (left.length === 0) return { kind: 'ended' };
    const now = performance.now();
    if (left.every((target) => now > (killed.get(target) ?? now) + KILL_GRACE_MS)) {
      return survived(left, ({ pid }) => whyStillThere(world.judge(pid)));
    }
    for (const target of now < killAt ? [] : left.filter((each) => !killed.has(each))) {
      // A core is never cut short: not while the kernel writes it, nor while a collector still reads it.
      if (now < killAt + coreGrace && world.isDumpingCore(target.pid)) {
        if (!held.has(target)) sayHeld(target, coreGrace, world);
        held.add(target);
        continue;
      }
      if (!world.isMeantToRun()) return { kind: 'withdrawn' };
      send('SIGKILL', target, world);
      killed.set(target, now);
    }
    await sleep(POLL_MS);
  }
}

/** Gives processes the time, in ms, to exit by themselves. */
export async function waitForExit(processes: readonly ProcessId[], time: number, world: Surroundings): Promise<void> {
  const deadline = performance.now() + time;
  while (performance.now() < deadline && stillThere(processes, world).length > 0) await sleep(POLL_MS);
}

function stillThere(processes: readonly ProcessId[], world: Surroundings): ProcessId[] {
  return processes.filter((target) => !hasEnded(target, world.judge(target.pid)));
}

/** Signals a process that is still the same and still matches; one that cannot be told might be a stranger. */
function send(signal: NodeJS.Signals, target: ProcessId, world: Surroundings): void {
  const verdict = world.judge(target.pid);
  if (verdict.kind !== 'running' || hasEnded(target, verdict)) return;
  // A stopped process acts on nothing but SIGKILL until it is continued.
  const signals: NodeJS.Signals[] = signal === 'SIGKILL' ? [signal] : [signal, 'SIGCONT'];
  const errno = signals.map((each) => kill(target.pid, each))[0];
  const what = `${signals.join(' and ')} to PID ${target.pid} (${world.binfile})`;
  if (errno === undefined) world.log.info(`sent ${what}`);
  // ESRCH: it has exited by itself, which is all that was wanted.
  else if (errno !== 'ESRCH') world.log.error(`cannot send ${what}: ${errno}`);
}

/** Whether this user may not signal it. */
export function isBarred(pid: number): boolean {
  return kill(pid, 0) === 'EPERM';
}

/** @returns the errno of a failed kill(2) */
function kill(pid: number, signal: NodeJS.Signals | 0): string | undefined {
  try {
    process.kill(pid, signal);
    return undefined;
  } catch (error) {
    return errnoOf(error) ?? String(error);
  }
}

function sayHeld({ pid }: ProcessId, coreGrace: number, world: Surroundings): void {
  const held = `SIGKILL is held back for up to ${coreGrace / 1000} s`;
  world.log.info(`PID ${pid} (${world.binfile}) writes its core; ${held}`);
}

function whyStillThere(verdict: Verdict): string {
  return verdict.kind === 'unknown' ? verdict.why : `is still there ${KILL_GRACE_MS / 1000} s after SIGKILL`;
}

function survived(processes: readonly ProcessId[], why: (target: ProcessId) => string): Termination {
  return { kind: 'survived', survivors: processes.map((target) => ({ pid: target.pid, why: why(target) })) };
}
