import { dirname } from 'node:path';
import type { Service } from '../args/service.ts';
import { Binary } from '../files/binary.ts';
import { identityOf, type Pidfile } from '../files/pidfile.ts';
import { ownerOf } from '../files/trust.ts';
import { because } from '../log/reasons.ts';
import { carefulVerdictOn, fullVerdictOn, quickVerdictOn } from '../process/match.ts';
import type { Procfs } from '../process/procfs.ts';
import { programOf } from '../process/program.ts';
import { notAmong, type ProcessId, type Running, type Verdict, type Witness } from '../process/verdict.ts';
import type { Context } from './context.ts';
import type { Progress } from './observation.ts';
import type { Start } from './snapshot.ts';
import { SnapshotFile } from './snapshot-file.ts';
import type { Tally } from './tally.ts';
import { matchingDescendants } from './workers.ts';

/** Checks the processes of one service: by its binary, and by the snapshot. */
export class Check {
  readonly binary: Binary;
  readonly runfile: string;
  /** undefined with --no-memory */
  readonly stored: SnapshotFile | undefined;
  /** what the next snapshot says for metrics */
  tally: Tally | undefined;
  readonly #proc: Procfs;
  readonly stores: boolean;

  /** @throws Exit as SnapshotFile does */
  constructor(
    service: Service,
    { proc, directories, environment }: Context,
    readonly progress?: Progress,
  ) {
    this.#proc = proc;
    this.runfile = service.runfile;
    this.binary = new Binary(service.binfile, environment.PATH);
    this.stores = service.settings.snapshot === 'store';
    if (service.settings.snapshot !== 'none') {
      this.stored = new SnapshotFile(service.pidfile, proc.bootId(), directories);
    }
    this.tally = this.stored?.snapshot?.tally;
  }

  /** The verdicts on the PIDs of a pidfile, in its order. */
  async verdicts(pidfile: Pidfile): Promise<Verdict[]> {
    const recorded = this.#mainsFor(pidfile);
    const verdicts: Verdict[] = [];
    for (const pid of pidfile.pids) {
      const main = recorded.get(pid);
      // A healthy check waits for nothing that can block.
      const witness = this.#isSameBinfile ? main : undefined;
      const quick = witness && quickVerdictOn(pid, this.binary, this.#proc, witness);
      const isDecided = quick !== undefined && (quick.kind !== 'gone' || quick.cause !== 'other program');
      const verdict = isDecided ? quick : await fullVerdictOn(pid, this.binary, this.#proc, witness);
      verdicts.push(unlessRecycled(verdict, main));
    }
    return verdicts;
  }

  /** The verdict on a process that may belong to the service. */
  verdictOn(pid: number): Promise<Verdict> {
    const { mains, workers } = this.named;
    const recorded = [...mains, ...workers].findLast((each) => each.pid === pid);
    return carefulVerdictOn(pid, this.binary, this.#proc, this.#isSameBinfile ? recorded : undefined);
  }

  /** Whether what is recorded was a match with the same `<binfile>`. */
  get #isSameBinfile(): boolean {
    const { snapshot } = this.stored ?? {};
    return snapshot === undefined || snapshot.binfile === this.binary.binfile;
  }

  /** The processes that the snapshot names, and those that this run has seen. */
  get named(): { readonly mains: readonly Witness[]; readonly workers: readonly Witness[] } {
    const { mains = [], workers = [] } = this.stored?.snapshot ?? {};
    const seen = this.progress?.members ?? [];
    return {
      // What this run has seen is newer.
      mains: [...mains, ...seen.filter(({ isMain }) => isMain)],
      workers: [...workers, ...seen.filter(({ isMain }) => !isMain)],
    };
  }

  /** What is known of the main processes in a pidfile, as long as it is the same one. */
  #mainsFor(pidfile: Pidfile): ReadonlyMap<number, Witness> {
    const { snapshot } = this.stored ?? {};
    const identity = identityOf(pidfile);
    const mains = snapshot?.pidfile === identity ? snapshot.mains : [];
    const seen = this.progress?.pidfile === identity ? this.progress.members.filter(({ isMain }) => isMain) : [];
    const byPid = new Map<number, Witness>();
    for (const main of mains) byPid.set(main.pid, main);
    for (const main of seen) byPid.set(main.pid, main);
    return byPid;
  }

  /** The same, without argv[0]: does not block. */
  quickVerdicts(pidfile: Pidfile): Verdict[] {
    const recorded = this.#mainsFor(pidfile);
    return pidfile.pids.map((pid) => {
      const main = recorded.get(pid);
      const verdict = quickVerdictOn(pid, this.binary, this.#proc, this.#isSameBinfile ? main : undefined);
      return unlessRecycled(verdict, main);
    });
  }

  /**
   * The descendants of running processes: the workers of a healthy service. A main process may have started any other
   * program, from anywhere: only files beside that of a main process are examined.
   */
  descendants(running: readonly Running[]): Running[] {
    // On the same file system as a main process, as a rule.
    const isBesideMain = (path: string) =>
      running.some(({ exe }) => exe !== undefined && dirname(exe) === dirname(path));
    let recorded: ReadonlyMap<number, Witness> | undefined;
    // Most services have no worker.
    const recordOf = (pid: number) => {
      recorded ??= new Map(this.#isSameBinfile ? this.named.workers.map((each) => [each.pid, each]) : []);
      return recorded.get(pid);
    };
    return matchingDescendants(
      running,
      (pid) => quickVerdictOn(pid, this.binary, this.#proc, recordOf(pid), isBesideMain),
      this.#proc,
    );
  }

  /**
   * Stores the snapshot of a healthy service, if it changed.
   *
   * @returns why it could not be stored
   */
  storeHealthy(
    pidfile: Pidfile,
    running: readonly Running[],
    workers: readonly Witness[],
    strangers?: readonly ProcessId[],
  ): string | undefined {
    if (pidfile.access === undefined) return undefined;
    const { gid, mode } = pidfile.access;
    const start = this.stored?.snapshot?.start ?? null;
    return this.#store(
      {
        binfile: this.binary.binfile,
        pidfile: identityOf(pidfile),
        access: { uid: ownerOf(pidfile.access), gid, mode },
        mains: this.#witnesses(running),
        workers: this.#witnesses(workers),
        start:
          start &&
          withStrangers(confirmed(start), notAmong(strangers ?? start.strangers ?? [], [...running, ...workers])),
      },
      true,
    );
  }

  /**
   * Stores a start that is not confirmed. The main processes stay: if their PIDs are recycled, that shows. Those that
   * matched another `<binfile>` must match again.
   *
   * @returns why it could not be stored
   */
  storeStart(start: Start): string | undefined {
    const { pidfile = '', access = null, mains = [] } = this.stored?.snapshot ?? {};
    return this.#store(
      {
        binfile: this.binary.binfile,
        pidfile,
        access,
        mains: this.#isSameBinfile ? mains : [],
        workers: [],
        start,
      },
      false,
    );
  }

  /**
   * Stores that the pause after the last start begins; all that is left of the service stays recorded.
   *
   * @param pausedAt clock ticks since boot
   * @returns why it could not be stored
   */
  storePause(pausedAt: number): string | undefined {
    const { snapshot } = this.stored ?? {};
    if (snapshot === undefined || snapshot.start === null) return undefined;
    return this.#store({ ...snapshot, start: { ...snapshot.start, pausedAt } }, false);
  }

  #store(snapshot: Parameters<SnapshotFile['store']>[0], isCheck: boolean): string | undefined {
    if (!this.stores) return undefined;
    return this.stored?.store({ ...snapshot, ...(this.tally !== undefined && { tally: this.tally }) }, isCheck);
  }

  /** A process that was recorded and runs the same program keeps its record: to read it anew takes time. */
  #witnesses(processes: readonly Witness[]): Witness[] {
    const { mains = [], workers = [] } = this.stored?.snapshot ?? {};
    const known = new Map([...workers, ...mains].map((each) => [each.pid, each]));
    return processes.map(({ pid, startTime, exe }) => {
      const record = known.get(pid);
      if (record?.startTime === startTime && record.exe === exe) return record;
      return { pid, startTime, exe, file: programOf(String(pid), this.#proc) };
    });
  }
}

/** A pause ends here. What runs although the start failed was started by somebody else: the failures do not count. */
function confirmed({ pausedAt, failuresBefore, ...start }: Start): Start {
  const isOther = start.state === 'failed' || pausedAt !== undefined;
  return { ...start, state: 'confirmed', ...(!isOther && failuresBefore !== undefined && { failuresBefore }) };
}

function withStrangers({ strangers, ...start }: Start, now: readonly ProcessId[]): Start {
  return now.length === 0 ? start : { ...start, strangers: now };
}

function unlessRecycled(verdict: Verdict, recorded: Witness | undefined): Verdict {
  if (recorded === undefined || verdict.kind === 'gone') return verdict;
  if (verdict.startTime === undefined || verdict.startTime === recorded.startTime) return verdict;
  const why = because.recycled(verdict.startTime, recorded.startTime);
  return { kind: 'gone', pid: verdict.pid, cause: 'recycled', why };
}
