import { reasonOf } from './failure.ts';
import type { Binary } from './files/binary.ts';
import type { Pidfile } from './files/pidfile.ts';
import { identityOf, RecordFile, type Sighting } from './files/record.ts';
import { ownerOf, whyUntrusted } from './files/trust.ts';
import { type Glance, glanceAt, isEnough } from './glance.ts';
import { ancestors, matchingDescendants } from './process/descendants.ts';
import type { Health } from './process/health.ts';
import type { Member, ProcessId, Verdict } from './process/identity.ts';
import type { Procfs } from './process/procfs.ts';

/** What sipwd remembers of a service from its last healthy run: enough to know its workers and a recycled PID by. */
export class Memory {
  /** why what was written down is of no use */
  readonly problem: string | undefined;
  readonly #boot: string | undefined;
  readonly #last: Sighting | undefined;
  #startTimes: ReadonlyMap<number, number> | undefined;
  #glance: Glance | undefined;
  #isRecognised = false;

  private constructor(
    private readonly record: RecordFile | undefined,
    private readonly proc: Procfs,
  ) {
    if (record === undefined) return;
    this.#boot = proc.bootId();
    try {
      const last = record.read();
      if (last?.boot === this.#boot) this.#last = last;
      else if (last !== undefined) this.problem = 'it is from another boot';
    } catch (error) {
      this.problem = reasonOf(error);
    }
  }

  static async recall(pidfile: string, environment: NodeJS.ProcessEnv, proc: Procfs): Promise<Memory> {
    return new Memory(await RecordFile.of(pidfile, environment), proc);
  }

  /** For those who want none. */
  static none(proc: Procfs): Memory {
    return new Memory(undefined, proc);
  }

  /**
   * The health of many processes without workers, when a glance shows the very ones that were judged not long ago. To be
   * asked before the verdicts: what this glance shows goes on record with them, and a PID that is recycled meanwhile must
   * not be known again.
   *
   * @returns undefined when they have to be judged one by one
   */
  recognise(pidfile: Pidfile, binary: Binary): Health | undefined {
    const last = this.#last;
    // Where there are workers, there will be others.
    if (this.#boot === undefined || (last !== undefined && last.descendants.length > 0)) return undefined;
    this.#glance = glanceAt(pidfile.pids, binary, this.proc);
    if (this.#glance === undefined || last?.glance === undefined) return undefined;
    this.#isRecognised = last.pidfile === identityOf(pidfile) && isEnough(this.#glance, last.glance);
    return this.#isRecognised ? { kind: 'healthy', running: last.processes } : undefined;
  }

  /**
   * The verdict in the light of what is remembered: in a pidfile that has not changed, a PID with another start time
   * is not the process that it named.
   */
  correct(verdict: Verdict, pidfile: Pidfile): Verdict {
    if (verdict.kind === 'gone' || verdict.startTime === undefined) return verdict;
    const { pid, startTime } = verdict;
    this.#startTimes ??= new Map(this.#last?.processes.map((id) => [id.pid, id.startTime]));
    const known = this.#startTimes.get(pid);
    if (known === undefined || known === startTime || this.#last?.pidfile !== identityOf(pidfile)) return verdict;
    const why = `was recycled: it started at ${startTime}, not at ${known} (clock ticks from boot)`;
    return { kind: 'gone', pid, why };
  }

  /**
   * The workers that may outlive the processes of the pidfile: the descendants on record that are still the very same
   * processes, and those that running processes have now. Never a process that this sipwd descends from: of a cron or an
   * sshd, that would be the job or the session that it runs in.
   */
  survivors(pidfile: Pidfile, running: readonly Member[], judge: (pid: number) => Verdict): ProcessId[] {
    const present = matchingDescendants(running, judge, this.proc);
    const recorded = (this.#last?.descendants ?? []).filter(({ pid, startTime }) => {
      const verdict = judge(pid);
      if (verdict.kind === 'gone' || verdict.startTime !== startTime) return false;
      // One that is on its way out may still hold the port.
      return verdict.kind === 'running' || verdict.passing;
    });
    const all = [...present, ...(this.#isTrusted(pidfile, recorded) ? recorded : [])];
    const taken = new Set([...running.map(({ pid }) => pid), ...ancestors(process.pid, this.proc)]);
    return all.filter(({ pid }) => !taken.has(pid) && taken.add(pid));
  }

  /**
   * Whether the record can be believed. Of a pidfile that has changed since, or is absent, whoever could write it then
   * had the say; one that is still the same is judged as it is now, before any signal.
   */
  #isTrusted(pidfile: Pidfile, recorded: readonly ProcessId[]): boolean {
    if (this.#last === undefined || this.#last.pidfile === identityOf(pidfile)) return true;
    return whyUntrusted({ path: pidfile.path, access: this.#last.access }, recorded, this.proc) === undefined;
  }

  /**
   * Writes down what is seen of a healthy service, if that has changed.
   *
   * @returns why it could not be written: the work goes on without it
   */
  keep(pidfile: Pidfile, running: readonly Member[], judge: (pid: number) => Verdict): string | undefined {
    if (this.record === undefined || this.#isRecognised || pidfile.access === undefined) return undefined;
    if (this.#boot === undefined) return 'there is no telling this boot from another';
    const processes = running.map(({ pid, startTime }) => ({ pid, startTime }));
    const descendants = matchingDescendants(running, judge, this.proc);
    const { gid, mode } = pidfile.access;
    const glance = descendants.length === 0 ? this.#glance : undefined;
    const of = { boot: this.#boot, pidfile: identityOf(pidfile), access: { uid: ownerOf(pidfile.access), gid, mode } };
    try {
      this.record.write({ ...of, processes, descendants, ...(glance && { glance }) });
      return undefined;
    } catch (error) {
      return reasonOf(error);
    }
  }
}
