import { existsSync, readFileSync } from 'node:fs';
import { Crew } from './crew.ts';
import { isAlive, startTimeOf, statField } from './process.ts';
import type { TestService } from './service.ts';
import { until } from './wait.ts';

/** How a worker is forked. */
export interface Fork {
  /** it is adopted by init at once */
  readonly isDouble: boolean;
  /** it has a session of its own */
  readonly isSetsid: boolean;
  /** it has an empty environment */
  readonly isCleared: boolean;
}

/** A service as it is first started. */
export interface Plan {
  /** 'with the first': by the same script */
  readonly start: 'by sipwd' | 'by hand' | 'with the first';
  /** whether the main process leads a session; otherwise it is in the session of the test */
  readonly isLeader: boolean;
  readonly forks: readonly Fork[];
}

interface Worker extends Fork {
  readonly pid: number;
  readonly startTime: string;
  /** forked after the snapshot that follows a start */
  readonly isLate: boolean;
}

/** The second argument says how it was forked: see `forkOf`. */
function lineFor({ isDouble, isSetsid, isCleared }: Fork): string {
  const mark = [isDouble, isSetsid, isCleared].map(Number).join('');
  const line = `${isSetsid ? 'setsid ' : ''}${isCleared ? 'env -i ' : ''}$WORKER 1000 ${mark} &`;
  return isDouble ? `( ${line} )` : line;
}

function forkOf(pid: number): Fork {
  const mark = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')[2] ?? '';
  const [isDouble = false, isSetsid = false, isCleared = false] = Array.from(mark, (digit) => digit === '1');
  return { isDouble, isSetsid, isCleared };
}

/** One of several services of one binary. */
export class Twin {
  readonly crew: Crew;
  main = 0;
  /** of the present generation */
  workers: readonly Worker[] = [];
  /** the workers that were there at the last healthy run, or at the start */
  #stored: ReadonlySet<number> = new Set();
  /** workers of older generations that nothing shows */
  #lost: ReadonlySet<number> = new Set();
  #generation = 0;

  constructor(
    service: TestService,
    name: string,
    readonly plan: Plan,
  ) {
    this.crew = new Crew(plan.forks.map(lineFor), service, name, plan.isLeader ? 'setsid' : '');
  }

  /** How the present generation was started. */
  get startedBy(): Plan['start'] {
    return this.#generation > 1 ? 'by sipwd' : this.plan.start;
  }

  /** Whether another service carries the cookie of the last start of this one, the first. */
  marks(other: Twin): boolean {
    return this.#generation === 1 && this.startedBy === 'by sipwd' && other.startedBy === 'with the first';
  }

  get isDown(): boolean {
    const { pidfile } = this.crew;
    return !isAlive(this.main) || !existsSync(pidfile) || readFileSync(pidfile, 'utf8').trim() !== `${this.main}`;
  }

  /** The processes of the present generation that live: PID and start time. */
  get living(): string[] {
    return [this.main, ...this.workers.map(({ pid }) => pid)].filter(isAlive).map(identity);
  }

  /**
   * The same, without the workers that nothing shows: not descent, because they or the snapshot came too late; not the
   * session, because they left it or it is not that of the main process; not the cookie, because the environment is
   * empty or sipwd has not started the service. A worker that at the end of a start only the cookie shows is taken for
   * another service of the same script, so it counts as not shown as well.
   */
  get shown(): string[] {
    const isMainAlive = isAlive(this.main);
    const isShown = ({ pid, isDouble, isSetsid, isCleared, isLate }: Worker) =>
      (!isDouble && (isMainAlive || this.#stored.has(pid))) ||
      (this.plan.isLeader && !isSetsid) ||
      (this.startedBy === 'by sipwd' && !isCleared && isLate);
    return [this.main, ...this.workers.filter(isShown).map(({ pid }) => pid)].filter(isAlive).map(identity);
  }

  /** Waits until all workers of a new generation run. */
  async begin(): Promise<void> {
    this.#generation++;
    this.#lost = new Set([...this.#lost, ...this.workers.map(({ pid }) => pid)].filter(isAlive));
    const { forks } = this.plan;
    await until(`there are ${forks.length} new workers`, () => this.#present.length === forks.length);
    this.main = this.crew.main;
    this.workers = this.#present.map((pid) => toWorker(pid, false));
    this.store();
  }

  /** The main process forks one more worker. */
  async fork(fork: Fork): Promise<void> {
    // The cookie of the first service would make it a worker of that one.
    const isCleared = fork.isCleared || (this.startedBy === 'with the first' && fork.isDouble);
    const before = this.#present;
    this.crew.tell(lineFor({ ...fork, isCleared }));
    await until('there is one more worker', () => this.#present.length === before.length + 1);
    const added = this.#present.filter((pid) => !before.includes(pid));
    this.workers = [...this.workers, ...added.map((pid) => toWorker(pid, true))];
  }

  /** A run of sipwd has stored the snapshot. */
  store(): void {
    this.#stored = new Set(this.workers.map(({ pid }) => pid));
  }

  get #present(): number[] {
    return this.crew.workers.filter((pid) => !this.#lost.has(pid));
  }
}

function toWorker(pid: number, isLate: boolean): Worker {
  return { pid, startTime: startTimeOf(pid), ...forkOf(pid), isLate };
}

function identity(pid: number): string {
  return `${pid} ${statField(pid, 22)}`;
}

/** Whether a process from `living` still lives, and is the same one. */
export function lives(process: string): boolean {
  const pid = Number.parseInt(process, 10);
  return isAlive(pid) && identity(pid) === process;
}
