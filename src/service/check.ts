import type { Service } from '../args/service.ts';
import { Binary } from '../files/binary.ts';
import { identityOf, type Pidfile } from '../files/pidfile.ts';
import { distrustOf, ownerOf } from '../files/trust.ts';
import { because } from '../log/reasons.ts';
import { type ProcessId, type Running, type Verdict, verdictOn } from '../process/match.ts';
import type { Procfs } from '../process/procfs.ts';
import type { Context } from './context.ts';
import type { Progress } from './observation.ts';
import { SnapshotFile } from './snapshot.ts';
import { ancestors, matchingDescendants } from './workers.ts';

/** Checks the processes of one service: by its binary, and by the snapshot. */
export class Check {
  readonly binary: Binary;
  /** undefined with --no-memory */
  readonly stored: SnapshotFile | undefined;
  readonly #proc: Procfs;
  readonly #stores: boolean;
  readonly #startTimes: ReadonlyMap<number, number>;

  /** @throws Exit as SnapshotFile does */
  constructor(service: Service, { proc, environment }: Context) {
    this.#proc = proc;
    this.binary = new Binary(service.binfile, environment.PATH);
    this.#stores = service.settings.snapshot === 'store';
    if (service.settings.snapshot !== 'none')
      this.stored = new SnapshotFile(service.pidfile, environment, proc.bootId());
    const mains = this.stored?.snapshot?.mains ?? [];
    this.#startTimes = new Map(mains.map(({ pid, startTime }) => [pid, startTime]));
  }

  /** The verdict on a PID, by the binary alone. */
  readonly verdictOn = (pid: number): Verdict => verdictOn(pid, this.binary, this.#proc);

  /** The verdicts on the PIDs of a pidfile, in its order. */
  verdicts(pidfile: Pidfile, progress?: Progress): Verdict[] {
    const seen =
      progress?.pidfile === identityOf(pidfile)
        ? new Map(progress.mains.map((id) => [id.pid, id.startTime]))
        : undefined;
    const isUnchanged = this.stored?.snapshot?.pidfile === identityOf(pidfile);
    return pidfile.pids.map((pid) => {
      const verdict = this.verdictOn(pid);
      const recorded = seen?.get(pid) ?? (isUnchanged ? this.#startTimes.get(pid) : undefined);
      if (verdict.kind === 'gone' || verdict.startTime === undefined || recorded === undefined) return verdict;
      if (verdict.startTime === recorded) return verdict;
      return { kind: 'gone', pid, why: because.recycled(verdict.startTime, recorded) };
    });
  }

  /** The matching descendants of running processes: the workers of a healthy service. */
  descendants(running: readonly Running[]): ProcessId[] {
    return matchingDescendants(running, this.verdictOn, this.#proc);
  }

  /**
   * The workers of a service that is to be stopped: the descendants, and those of the snapshot that are still the same
   * processes. Never a process that sipwd descends from: for cron or sshd, that is the job or session that sipwd is in.
   */
  workers(pidfile: Pidfile, running: readonly Running[], progress?: Progress): ProcessId[] {
    const excluded = new Set([...running.map(({ pid }) => pid), ...ancestors(process.pid, this.#proc)]);
    const seen = this.#still(progress?.workers ?? []);
    const all = [...this.descendants(running), ...this.#recordedWorkers(pidfile), ...seen];
    return all.filter(({ pid }) => !excluded.has(pid) && excluded.add(pid));
  }

  #recordedWorkers(pidfile: Pidfile): ProcessId[] {
    const snapshot = this.stored?.snapshot;
    const workers = this.#still(snapshot?.workers ?? []);
    if (snapshot === undefined || snapshot.pidfile === identityOf(pidfile)) return workers;
    // The pidfile has changed: then those who could write it at that time had to be trusted.
    return distrustOf(pidfile.path, snapshot.access, workers, this.#proc) === undefined ? workers : [];
  }

  #still(processes: readonly ProcessId[]): ProcessId[] {
    return processes.filter(({ pid, startTime }) => {
      const verdict = this.verdictOn(pid);
      if (verdict.kind === 'gone' || verdict.startTime !== startTime) return false;
      // One that is exiting may still hold the port.
      return verdict.kind === 'running' || verdict.isExiting;
    });
  }

  /**
   * Stores the snapshot of a healthy service, if it changed.
   *
   * @returns why it could not be stored
   */
  store(pidfile: Pidfile, running: readonly Running[], workers: readonly ProcessId[]): string | undefined {
    if (!this.#stores || pidfile.access === undefined) return undefined;
    const { gid, mode } = pidfile.access;
    return this.stored?.store({
      pidfile: identityOf(pidfile),
      access: { uid: ownerOf(pidfile.access), gid, mode },
      mains: running.map(({ pid, startTime }) => ({ pid, startTime })),
      workers,
    });
  }
}
