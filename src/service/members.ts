import { identityOf, type Pidfile } from '../files/pidfile.ts';
import { because } from '../log/reasons.ts';
import type { Process, Procfs } from '../process/procfs.ts';
import { exeOf } from '../process/program.ts';
import { notAmong, type ProcessId, type Running, type Verdict } from '../process/verdict.ts';
import type { Check } from './check.ts';
import type { Context } from './context.ts';
import { type Claim, type Clues, claimsOn, isNamedByAny, ownCarriers } from './evidence.ts';
import type { Carrier, LeftAlone, Member } from './member.ts';
import type { Snapshot, Start } from './snapshot.ts';
import { ancestors } from './workers.ts';

export interface Survey {
  readonly members: readonly Member[];
  /** the PIDs in the pidfile that run, and that are another service, says a snapshot */
  readonly claimed: readonly number[];
  /** the processes of a start that is not confirmed, whatever program they run; empty: there is no such start */
  readonly unconfirmed: readonly Carrier[];
  readonly leftAlone: readonly LeftAlone[];
  /** what the pidfile or the snapshot names, and cannot be examined: it may belong to the service, and run */
  readonly inDoubt: readonly LeftAlone[];
}

/** The variable that marks the processes of a start. */
export const COOKIE = 'SIPWD_COOKIE';

/** USER_HZ (time(7)). */
export const TICKS_PER_SECOND = 100;

/** The members of a healthy service: no scan of /proc. */
export function membersOfHealthy(running: readonly Running[], workers: readonly Running[]): Member[] {
  return [
    ...running.map(({ pid, startTime, exe }) => ({ pid, startTime, exe, evidence: 'pidfile', isMain: true }) as const),
    ...workers.map(({ pid, startTime, exe }) => ({ pid, startTime, exe, evidence: 'descent', isMain: false }) as const),
  ];
}

/** Finds the processes of a service that is not healthy, or is to be restarted: scans /proc once. */
export async function survey(
  check: Check,
  pidfile: Pidfile,
  verdicts: readonly Verdict[],
  context: Context,
): Promise<Survey> {
  const { proc } = context;
  const snapshot = check.stored?.snapshot;
  const spared = new Set([process.pid, ...ancestors(process.pid, proc)]);
  const { processes: scan, snapshots } = await context.scan();
  const start = snapshot?.start ?? null;
  const carriers = await carriersOf(start, scan, proc);
  const strangers = namedBy({ mains: strangersOf(start, check, verdicts), workers: [] });
  const others = [namedByAll(check.stored?.othersAmong(snapshots) ?? []), strangers];
  const clues = { listed: listedIn(verdicts), ...namedBy(check.named), carriers, spared, others };
  const claimed = verdicts
    .filter((each) => each.kind === 'running' && isNamedByAny(others, each))
    .map(({ pid }) => pid);
  const { found, inDoubt, undetermined } = await membersAmong(claimsOn(scan, clues), check);
  const members = inOrder(found, verdicts);
  const running = scan.filter((each) => isNamedByAny([strangers], each));
  const leftAlone = [...running.map(({ pid }) => ({ pid, why: because.stranger() })), ...undetermined];
  const rest = { claimed, leftAlone, inDoubt };
  const own = ownCarriers(scan, clues);
  // What this run does may remove the pidfile.
  const identity = check.progress?.pidfile ?? identityOf(pidfile);
  if (!mayStillComeUp(start, identity, verdicts, own)) return { ...rest, members, unconfirmed: [] };
  const unconfirmed = await unconfirmedAmong(scan, clues, own, check, proc);
  const known = new Set(members.map(({ pid }) => pid));
  // The cookie proves that sipwd started them: a wrong <binfile> must not hide them from a forced restart.
  const more = unconfirmed.filter(({ pid }) => own.has(pid) && !known.has(pid));
  return { ...rest, members: [...members, ...more.map(toMember)], unconfirmed };
}

/**
 * The processes of a start that is not confirmed. What another service's snapshot names is among them if it matches
 * `<binfile>`: two lines may describe one daemon, and one of them name a wrong pidfile.
 */
async function unconfirmedAmong(
  scan: readonly Process[],
  { carriers, spared }: Clues,
  own: ReadonlySet<number>,
  check: Check,
  proc: Procfs,
): Promise<Carrier[]> {
  const now = proc.uptime() ?? 0;
  const found: Carrier[] = [];
  for (const { pid, startTime } of scan) {
    if (!carriers.has(pid) || spared.has(pid)) continue;
    if (!own.has(pid) && (await check.verdictOn(pid)).kind !== 'running') continue;
    const age = Math.max(0, now - startTime / TICKS_PER_SECOND);
    found.push({ pid, startTime, exe: exeOf(pid, proc), age });
  }
  return found;
}

/** Those that the pidfile names come first, in its order. */
function inOrder(members: readonly Member[], verdicts: readonly Verdict[]): Member[] {
  const places = new Map(verdicts.map(({ pid }, place) => [pid, place]));
  const placeOf = ({ pid }: Member) => places.get(pid) ?? verdicts.length;
  return members.toSorted((one, other) => placeOf(one) - placeOf(other));
}

function toMember({ pid, startTime, exe }: Carrier): Member {
  return { pid, startTime, exe, evidence: 'cookie', isMain: false };
}

/** Of the claims, those whose process matches `<binfile>`. One that is exiting may still hold the port. */
async function membersAmong(claims: readonly Claim[], check: Check) {
  const found: Member[] = [];
  const inDoubt: LeftAlone[] = [];
  const undetermined: LeftAlone[] = [];
  for (const claim of claims) {
    const verdict = await check.verdictOn(claim.pid);
    if (verdict.kind === 'gone' || verdict.startTime !== claim.startTime) continue;
    const { pid, evidence } = claim;
    if (verdict.kind === 'running') found.push({ ...claim, exe: verdict.exe });
    else if (evidence === 'cookie') continue;
    else if (verdict.isExiting) found.push({ ...claim, exe: undefined });
    else if (evidence === 'pidfile' || evidence === 'snapshot') inDoubt.push({ pid, why: verdict.why });
    else undetermined.push({ pid, why: verdict.why });
  }
  return { found, inDoubt, undetermined };
}

/** The strangers of a start; what the pidfile or the snapshot names by now is none. */
function strangersOf(start: Start | null, { named }: Check, verdicts: readonly Verdict[]): readonly ProcessId[] {
  const own = [...named.mains, ...named.workers, ...verdicts.filter((each) => each.kind === 'running')];
  return notAmong(start?.strangers ?? [], own);
}

/** A main process that runs or has exited; a PID that is another process by now is none. */
function listedIn(verdicts: readonly Verdict[]): Map<number, number | undefined> {
  const isListed = (verdict: Verdict) =>
    verdict.kind !== 'gone' || verdict.cause === 'no process' || verdict.cause === 'zombie';
  return new Map(
    verdicts
      .filter(isListed)
      .map((verdict) => [verdict.pid, verdict.kind === 'gone' ? undefined : verdict.startTime] as const),
  );
}

function namedBy({ mains, workers }: { readonly mains: readonly ProcessId[]; readonly workers: readonly ProcessId[] }) {
  const startTimes = (processes: readonly ProcessId[]) =>
    new Map(processes.map(({ pid, startTime }) => [pid, startTime] as const));
  return { mains: startTimes(mains), workers: startTimes(workers) };
}

/** What any of the snapshots names. If two name a PID, it was recycled, and the later process is meant. */
function namedByAll(snapshots: readonly Snapshot[]) {
  const byStart = (all: readonly ProcessId[]) => all.toSorted((one, other) => one.startTime - other.startTime);
  return namedBy({
    mains: byStart(snapshots.flatMap(({ mains }) => mains)),
    workers: byStart(snapshots.flatMap(({ workers }) => workers)),
  });
}

/** Only processes that began after the start can carry its cookie. */
async function carriersOf(start: Start | null, scan: readonly Process[], proc: Procfs): Promise<Set<number>> {
  if (start === null) return new Set();
  const young = scan.filter(({ startTime }) => startTime >= start.began).map(({ pid }) => pid);
  return new Set(await proc.withEnvironment(young, `${COOKIE}=${start.cookie}`));
}

/**
 * Whether the last start may be slow, or an argument wrong: it did not fail and was not confirmed, and since it began
 * the pidfile was not written, or names one of its processes that runs another program than `<binfile>`.
 */
export function mayStillComeUp(
  start: Start | null,
  pidfile: string,
  verdicts: readonly Verdict[],
  carriers: ReadonlySet<number>,
): boolean {
  if (start === null || start.state === 'failed' || start.state === 'confirmed') return false;
  if (pidfile === '' || start.pidfile === pidfile) return true;
  return verdicts.some((each) => each.kind === 'gone' && each.cause === 'other program' && carriers.has(each.pid));
}
