import type { Log } from '../log/log.ts';
import { type Message, messages } from '../log/messages.ts';
import { because } from '../log/reasons.ts';
import { kill } from './kill.ts';
import { sleep } from './sleep.ts';
import { hasExitedSince, type Verdict, type Witness } from './verdict.ts';

/** The first signal, and how long to wait, in ms. */
export interface Termination {
  readonly signal: 'SIGTERM' | 'SIGABRT';
  /** from the first signal to SIGKILL */
  readonly timeout: number;
  /** how long SIGKILL is held back at most during a core dump */
  readonly coreTimeout: number;
}

/** What is asked and logged between two signals. */
export interface Guard {
  readonly binfile: string;
  readonly log: Log;
  /** on a process that was checked before; does not block */
  readonly verdictOn: (process: Witness) => Verdict;
  readonly isDumpingCore: (pid: number) => boolean;
  /** throws Exit when the service is no longer enabled, with the usual message or another one */
  readonly requireEnabled: (word?: (runfile: string) => Message) => void;
}

/** A process that still exists after SIGKILL. */
export interface Unkillable {
  readonly pid: number;
  readonly why: string;
}

/** The start must follow the last exit within 50 ms; one verdict takes some 20 µs. */
const POLL_MS = 10;

/** After SIGKILL only the kernel is working: releasing memory, or waiting for a device. */
const KILL_TIMEOUT_MS = 5000;

/**
 * Sends each process one signal, and SIGKILL after the timeout. Each is checked again before every signal and in every
 * wait, by PID, start time and binary, so that a recycled PID is not signalled.
 *
 * @returns the processes that still exist
 * @throws Exit when the service is no longer enabled
 */
export async function terminate(
  processes: readonly Witness[],
  { signal, timeout, coreTimeout }: Termination,
  guard: Guard,
): Promise<Unkillable[]> {
  if (processes.length === 0) return [];
  for (const target of processes) send(signal, target, guard);
  guard.log.say(messages.waiting('the processes have exited', timeout / 1000));
  const killAt = performance.now() + timeout;
  const killed = new Map<Witness, number>();
  const held = new Set<Witness>();
  for (;;) {
    const left = existing(processes, guard);
    const now = performance.now();
    if (left.every((target) => now > (killed.get(target) ?? now) + KILL_TIMEOUT_MS)) {
      return left.map((target) => ({ pid: target.pid, why: whyStillThere(guard.verdictOn(target)) }));
    }
    for (const target of now < killAt ? [] : left.filter((each) => !killed.has(each))) {
      // A core is never cut short: neither while the kernel writes it, nor while a collector reads it.
      if (now < killAt + coreTimeout && guard.isDumpingCore(target.pid)) {
        if (!held.has(target)) guard.log.say(messages.dumpingCore(target.pid, guard.binfile, coreTimeout / 1000));
        held.add(target);
        continue;
      }
      send('SIGKILL', target, guard);
      killed.set(target, now);
    }
    await sleep(POLL_MS);
  }
}

/** Waits until processes have exited, at most `timeout` ms. */
export async function waitForExit(processes: readonly Witness[], timeout: number, guard: Guard): Promise<void> {
  if (existing(processes, guard).length === 0) return;
  guard.log.say(messages.waiting('the workers have exited', timeout / 1000));
  const deadline = performance.now() + timeout;
  while (performance.now() < deadline && existing(processes, guard).length > 0) await sleep(POLL_MS);
}

function existing(processes: readonly Witness[], guard: Guard): Witness[] {
  return processes.filter((target) => !hasExitedSince(target, guard.verdictOn(target)));
}

function send(signal: NodeJS.Signals, target: Witness, { verdictOn, requireEnabled, log, binfile }: Guard): void {
  requireEnabled();
  const verdict = verdictOn(target);
  if (verdict.kind !== 'running' || hasExitedSince(target, verdict)) return;
  // A stopped process acts on nothing but SIGKILL until it is continued.
  const signals: NodeJS.Signals[] = signal === 'SIGKILL' ? [signal] : [signal, 'SIGCONT'];
  const errno = signals.map((each) => kill(target.pid, each))[0];
  const sent = signals.join(' and ');
  if (errno === undefined) log.say(messages.sent(sent, target.pid, binfile));
  // ESRCH: it has exited by itself.
  else if (errno !== 'ESRCH') log.say(messages.notSent(sent, target.pid, binfile, errno));
}

function whyStillThere(verdict: Verdict): string {
  return verdict.kind === 'unknown' ? verdict.why : because.unkillable(KILL_TIMEOUT_MS / 1000);
}
