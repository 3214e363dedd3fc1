import { printable } from '../../src/log/escape.ts';
import { localTime } from '../../src/log/local-time.ts';
import { type Event, type Message, messages } from '../../src/log/messages.ts';
import { why } from '../../src/log/reasons.ts';
import type { Evidence } from '../../src/service/evidence.ts';

/** Stands for any text in a sample. */
export const ANY = 'ANYTHING';

/** Stands for any number in a sample, and for any PIDs. */
export const NUMBER = 424_242;

/** Stands for any time in a sample. */
export const MOMENT = Date.UTC(1987, 5, 15, 12);

/** Values for each message. The manual and the tests recognise a message by the rest of its text. */
export const SAMPLES: { readonly [E in Event]: Parameters<(typeof messages)[E]> } = {
  disabled: [ANY],
  healthy: [[NUMBER]],
  verdict: [NUMBER, ANY, ANY],
  snapshotUsed: [[NUMBER], [NUMBER]],
  snapshotNotUsable: [ANY],
  snapshotNotStored: [ANY],
  locked: [ANY],
  planned: [ANY, ANY],
  waiting: [ANY, NUMBER],
  stillHeld: [ANY, ANY],
  stillPaused: [NUMBER, MOMENT, ANY],
  held: [ANY, ANY],
  disabledMeanwhile: [ANY],
  disabledAfterStart: [ANY],
  sent: [ANY, NUMBER, ANY],
  dumpingCore: [NUMBER, ANY, NUMBER],
  pidfileRemoved: [ANY, ANY],
  starting: [ANY],
  started: [[NUMBER], ANY],
  startNeeded: [],
  unknownSetting: [ANY, ANY, ANY, ANY],
  logfileRefused: [ANY, ANY],
  down: [ANY],
  noSuchBinary: [ANY],
  leftOver: [[ANY]],
  leftAlone: [[ANY]],
  startNotStored: [ANY],
  forcedRestart: [ANY],
  forceFileIgnored: [ANY, ANY],
  paused: [NUMBER, MOMENT, ANY, ANY],
  startedElsewhere: [[NUMBER]],
  busy: [],
  stillStarting: [NUMBER],
  metricsNotWritten: [ANY, ANY],
  metricsOfOthers: [ANY],
  hookFailed: [ANY, ANY],
  pidfileStays: [ANY, ANY],
  usage: [ANY],
  badLine: [ANY, NUMBER, ANY],
  tableNotReadable: [ANY, ANY],
  tableRefused: [ANY, ANY, ANY],
  runfileNotReadable: [ANY, ANY],
  noProcfs: [],
  otherProcfs: [],
  badPidfile: [ANY, ANY],
  noWorkingDirectory: [ANY],
  cannotTell: [ANY],
  lockedInstead: [ANY, ANY],
  cannotLock: [ANY, ANY],
  notConfirmed: [ANY, ANY, ANY],
  claimed: [[NUMBER]],
  refused: [[NUMBER], ANY, ANY],
  notStopped: [ANY],
  notSent: [ANY, NUMBER, ANY, ANY],
  forceFileStays: [ANY, ANY],
  startFailed: [ANY, ANY],
  notUp: [NUMBER, ANY],
  stdoutNotWritten: [ANY],
  internal: [ANY],
};

/** The sample of a message. */
export function sample(event: Event): Message {
  const word = messages[event] as (...values: readonly unknown[]) => Message;
  return word(...SAMPLES[event]);
}

const PREFIXES = { debug: '', info: '', warn: 'warning: ', error: 'error: ', fatal: 'error: ' } as const;

/** What sipwd writes after the time: severity, service, message. */
export function lineOf(message: Message, service?: string): string {
  const text = service === undefined ? message.text : `${service}: ${message.text}`;
  return `${PREFIXES[message.level]}${printable(text)}`;
}

/** Why a system call failed on a symbolic link to itself (reasonOf). */
export const LOOP = 'too many symbolic links encountered (ELOOP)';

export const TERM = 'SIGTERM and SIGCONT';
export const ABRT = 'SIGABRT and SIGCONT';

/** The lines of signals that were sent to processes of a service. */
export function sent(
  signals: string,
  { binfile, name }: { readonly binfile: string; readonly name: string },
  pids: readonly number[],
): string[] {
  return pids.map((pid) => lineOf(messages.sent(signals, pid, binfile), name));
}

const PATTERNS = (Object.keys(SAMPLES) as Event[]).map((event) => {
  const { level, text } = sample(event);
  const pattern = text
    .replaceAll(localTime(MOMENT), ANY)
    .replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&')
    .replaceAll(`PID ${NUMBER}`, 'PIDs? [\\d, ]+(?: and \\d+ more)?')
    .replaceAll(String(NUMBER), '[\\d.]+')
    .replaceAll(ANY, '.*');
  return { event, pattern: new RegExp(`^${PREFIXES[level]}(?:[^ ]+: )??${pattern}$`, 's') };
});

/** The event of a line without the time; the most specific one if several match. */
export function eventOf(line: string): Event {
  const fitting = PATTERNS.filter(({ pattern }) => pattern.test(line));
  const [first] = fitting.sort((one, other) => other.pattern.source.length - one.pattern.source.length);
  if (first === undefined) throw new Error(`this line is no message of sipwd: ${line}`);
  return first.event;
}

/** The message about processes of a service that its pidfile does not name. */
export function leftOver(pids: readonly number[], evidence: Evidence = 'snapshot'): Message {
  return messages.leftOver(pids.map((pid) => why.member(pid, evidence)));
}
