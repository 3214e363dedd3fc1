import type { Access } from '../files/trust.ts';
import type { ProcessId, Witness } from '../process/verdict.ts';
import type { Tally } from './tally.ts';

/** The last start of a service. */
export interface Start {
  /** in the environment of every process of it: SIPWD_COOKIE */
  readonly cookie: string;
  /** clock ticks since boot */
  readonly began: number;
  /** identity of the pidfile before it (identityOf) */
  readonly pidfile: string;
  /** running: not known to have ended; confirmed: the service was seen healthy afterwards */
  readonly state: 'running' | 'failed' | 'not confirmed' | 'confirmed';
  /** processes that carry the cookie and are another service: one that the same script started, for example */
  readonly strangers?: readonly ProcessId[];
  /** starts that had failed in a row before this one; absent: none */
  readonly failuresBefore?: number;
  /** identity of the runfile after the command (runfileIdentity): the command may touch it */
  readonly runfile?: string;
  /** clock ticks since boot when the pause after it began; absent: there is none */
  readonly pausedAt?: number;
}

/** What sipwd stored about a service when it was last healthy, and at its last start. */
export interface Snapshot {
  /** boot ID: PIDs and start times mean nothing in another boot */
  readonly boot: string;
  /** the argument: for another one, the processes must match again */
  readonly binfile: string;
  /** identity of the pidfile (identityOf) */
  readonly pidfile: string;
  /** who could write the pidfile then; null: it was never seen healthy */
  readonly access: Access | null;
  readonly mains: readonly Witness[];
  readonly workers: readonly Witness[];
  /** null: sipwd has not started it */
  readonly start: Start | null;
  /** for metrics; absent: sipwd has not started it */
  readonly tally?: Tally;
}

/** @returns undefined when the text is not a snapshot of this version */
export function parseSnapshot(text: string): Snapshot | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isSnapshot(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isSnapshot(value: unknown): value is Snapshot {
  if (!isRecord(value)) return false;
  const { boot, binfile, pidfile, access, mains, workers, start, tally } = value;
  if (![boot, binfile, pidfile].every((each) => typeof each === 'string')) return false;
  if (access !== null && !isAccess(access)) return false;
  return areWitnesses(mains) && areWitnesses(workers) && isStart(start) && (tally === undefined || isTally(tally));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function isAccess(value: unknown): boolean {
  return isRecord(value) && [value.uid, value.gid, value.mode].every(Number.isInteger);
}

function areWitnesses(value: unknown): boolean {
  return Array.isArray(value) && value.every(isWitness);
}

function isWitness(value: unknown): boolean {
  if (!isRecord(value) || !Number.isInteger(value.pid) || !Number.isInteger(value.startTime)) return false;
  return isFlat(value) && [value.exe, value.file].every((each) => each === undefined || typeof each === 'string');
}

/** The next snapshot holds it as well: what is nested deep enough can be read, and not be written. */
function isFlat(record: Readonly<Record<string, unknown>>): boolean {
  return Object.values(record).every((each) => typeof each !== 'object');
}

const HEX = '0123456789abcdef';

const STATES: readonly unknown[] = ['running', 'failed', 'not confirmed', 'confirmed'] satisfies Start['state'][];

function isStart(value: unknown): boolean {
  if (value === null) return true;
  if (!isRecord(value) || !STATES.includes(value.state) || !Number.isInteger(value.began)) return false;
  const { strangers = [], ...rest } = value;
  const { pidfile, cookie, failuresBefore = 0, runfile = '', pausedAt = 0 } = rest;
  if (![pidfile, runfile].every((each) => typeof each === 'string') || !isCookie(cookie)) return false;
  return [failuresBefore, pausedAt].every(isCount) && areWitnesses(strangers) && isFlat(rest);
}

function isTally(value: unknown): boolean {
  if (!isRecord(value) || !isFlat(value)) return false;
  const { starts, failedStarts, forcedRestarts, startedAt, took = 0 } = value;
  return [starts, failedStarts, forcedRestarts, startedAt, took].every(isCount);
}

/** 128 bits in hexadecimal. An empty one, or one of two lines, would mark the processes of other services. */
function isCookie(value: unknown): boolean {
  return typeof value === 'string' && value.length === 32 && [...value].every((digit) => HEX.includes(digit));
}

function isCount(value: unknown): boolean {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
