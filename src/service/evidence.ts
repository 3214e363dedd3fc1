import type { Process } from '../process/procfs.ts';
import type { ProcessId } from '../process/verdict.ts';

/** Why a process belongs to a service (contract of sipwd(8), WHAT BELONGS TO A SERVICE). */
export type Evidence = 'pidfile' | 'snapshot' | 'descent' | 'session' | 'cookie';

export interface Claim extends ProcessId {
  readonly evidence: Evidence;
  /** a main process, named by the pidfile or the snapshot; otherwise a worker */
  readonly isMain: boolean;
}

/** What is known of a service, or of all others: their processes, and the cookie of the last start. */
export interface Clues {
  /** the PIDs in the pidfile, with the start times of those that run; undefined: it has exited */
  readonly listed: ReadonlyMap<number, number | undefined>;
  /** the main processes of the snapshot, and its workers: start time by PID */
  readonly mains: ReadonlyMap<number, number>;
  readonly workers: ReadonlyMap<number, number>;
  /** the processes with the cookie */
  readonly carriers: ReadonlySet<number>;
  /** sipwd and its ancestors */
  readonly spared: ReadonlySet<number>;
  /** what the snapshot of each other service names */
  readonly others: readonly Named[];
}

type Named = Pick<Clues, 'mains' | 'workers'>;

/**
 * The processes that belong to a service, whatever program they run: the caller keeps those that match `<binfile>`.
 *
 * @param scan all processes at one moment
 */
export function claimsOn(scan: readonly Process[], clues: Clues): Claim[] {
  const byPid = byPidOf(scan);
  return scan.flatMap((process) => {
    const evidence = evidenceFor(process, byPid, clues);
    if (evidence === undefined) return [];
    const { pid, startTime } = process;
    return [{ pid, startTime, evidence, isMain: clues.listed.has(pid) || clues.mains.get(pid) === startTime }];
  });
}

/**
 * The processes with the cookie, but for those of another service, which the start command may have started as well. The
 * session of another service proves nothing: sipwd may have been called from there.
 */
export function ownCarriers(scan: readonly Process[], clues: Clues): Set<number> {
  const byPid = byPidOf(scan);
  const carriers = scan.filter(({ pid }) => clues.carriers.has(pid) && !clues.spared.has(pid));
  return new Set(carriers.filter((each) => !isOfAnother(each, byPid, clues)).map(({ pid }) => pid));
}

function isOfAnother(process: Process, byPid: ReadonlyMap<number, Process>, clues: Clues): boolean {
  if (isNamedByAny(clues.others, process)) return true;
  return directEvidence(process, clues) === undefined && nearestOwner(process, byPid, clues) === 'theirs';
}

function byPidOf(scan: readonly Process[]): ReadonlyMap<number, Process> {
  return new Map(scan.map((process) => [process.pid, process]));
}

function evidenceFor(process: Process, byPid: ReadonlyMap<number, Process>, clues: Clues): Evidence | undefined {
  const { pid } = process;
  const { carriers, spared, others } = clues;
  if (isNamedByAny(others, process)) return undefined;
  const own = directEvidence(process, clues);
  if (own === 'pidfile') return own;
  if (spared.has(pid)) return undefined;
  if (own !== undefined) return own;
  const owner = nearestOwner(process, byPid, clues);
  if (owner !== undefined) return owner === 'ours' ? 'descent' : undefined;
  const ours = sessionLeader(process, clues, byPid);
  const theirs = Math.max(...others.map(({ mains }) => sessionLeader(process, { mains, listed: NOBODY }, byPid)));
  // A PID that both name was recycled in between, unless it is one process: then it is theirs.
  if (ours !== NO_LEADER || theirs > NO_LEADER) return ours > theirs ? 'session' : undefined;
  return carriers.has(pid) ? 'cookie' : undefined;
}

function directEvidence(process: Process, { listed, mains, workers }: Clues): 'pidfile' | 'snapshot' | undefined {
  if (listed.get(process.pid) === process.startTime) return 'pidfile';
  return isNamed(process, { mains, workers }) ? 'snapshot' : undefined;
}

/** Whether one of the snapshots names a process. */
export function isNamedByAny(snapshots: readonly Named[], process: ProcessId): boolean {
  return snapshots.some((each) => isNamed(process, each));
}

function isNamed({ pid, startTime }: ProcessId, { mains, workers }: Named): boolean {
  return mains.get(pid) === startTime || workers.get(pid) === startTime;
}

/** Whose the nearest ancestor is that this service or another one names. */
function nearestOwner(
  process: Process,
  byPid: ReadonlyMap<number, Process>,
  clues: Clues,
): 'ours' | 'theirs' | undefined {
  const seen = new Set([process.pid]);
  for (let child = process; ; ) {
    const parent = byPid.get(child.parent);
    // A scan takes time: a PID that was recycled meanwhile looks like a parent that is younger than its child.
    if (parent === undefined || parent.startTime > child.startTime || seen.has(parent.pid)) return undefined;
    if (isNamedByAny(clues.others, parent)) return 'theirs';
    if (directEvidence(parent, clues) !== undefined) return 'ours';
    seen.add(parent.pid);
    child = parent;
  }
}

const NOBODY: ReadonlyMap<number, undefined> = new Map();

/** The start time of a leader that has exited before it was recorded, and of none. */
const UNKNOWN_LEADER = 0;
const NO_LEADER = -1;

/**
 * The start time of the main process in whose session a process is. While a session exists, the kernel gives its PID to
 * no other process, and nobody in it is older than its leader.
 */
function sessionLeader(
  { session, startTime }: Process,
  { listed, mains }: Pick<Clues, 'listed' | 'mains'>,
  byPid: ReadonlyMap<number, Process>,
): number {
  if (!listed.has(session) && !mains.has(session)) return NO_LEADER;
  const recorded = mains.get(session) ?? UNKNOWN_LEADER;
  const now = byPid.get(session)?.startTime;
  if (now !== undefined && now !== recorded && now !== listed.get(session)) return NO_LEADER;
  const leader = now ?? recorded;
  return startTime < leader ? NO_LEADER : leader;
}
