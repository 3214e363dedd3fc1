import { appendFileSync, existsSync, readFileSync, readlinkSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { isAlive, NO_PID } from '../support/process.ts';
import { testService } from '../support/service.ts';
import { until } from '../support/wait.ts';
import type { Change } from './events.ts';
import { Outsiders } from './outsiders.ts';
import { type Kind, startCommand } from './start-command.ts';
import { UnusablePidfile } from './unusable-pidfile.ts';

/** A process of the service, as the start command recorded it. */
export interface Member {
  readonly generation: number;
  readonly pid: number;
  readonly kind: Kind;
}

/** A service with its files, two processes that do not belong to it, and what can happen to them. */
export class World {
  readonly service = testService();
  readonly #outsiders = new Outsiders(this.service);
  readonly #unusable = new UnusablePidfile(this.service);
  /** the last generation that may be started now */
  #last = Number.POSITIVE_INFINITY;

  /** @param kinds the processes of the first generation */
  constructor(kinds: readonly Kind[]) {
    const { service } = this;
    service.write('start', startCommand(service.dir, service.binfile), 0o755);
    service.write('generation', '0\n');
    service.write('roll', '');
    service.write('next', kinds.join(' '));
  }

  get args(): string[] {
    const { runfile, binfile, pidfile, forceFile } = this.service;
    return [runfile, binfile, pidfile, this.service.path('start'), forceFile];
  }

  get generation(): number {
    return Number(this.#read('generation'));
  }

  get members(): Member[] {
    return this.#read('roll')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => line.split(' '))
      .map(([generation, pid, kind]) => ({ generation: Number(generation), pid: Number(pid), kind: kind as Kind }));
  }

  /** The members that run. */
  get living(): Member[] {
    const { processes } = this.service;
    return this.members.filter(({ pid }) => processes.includes(pid));
  }

  get isEnabled(): boolean {
    return existsSync(this.service.runfile);
  }

  get isUnusable(): boolean {
    return this.#unusable.isUnusable;
  }

  get isHealthy(): boolean {
    // Reading a FIFO would block.
    if (this.isUnusable) return false;
    const { pids, processes } = this.service;
    return pids.length > 0 && pids.every((pid) => processes.includes(pid));
  }

  get isOrdered(): boolean {
    return existsSync(this.service.forceFile);
  }

  /** Whether some processes of the current or the next generation exit by themselves. */
  get isUnsteady(): boolean {
    const { generation } = this;
    const current = this.members.filter((member) => member.generation === generation).map(({ kind }) => kind);
    return [...current, ...this.#read('next').split(' ')].includes('brief');
  }

  /** @param isWorking whether sipwd is working */
  async make(change: Change, isWorking: boolean): Promise<void> {
    const { service } = this;
    switch (change.kind) {
      case 'a process is killed':
        return this.#signal('SIGKILL', change.which);
      case 'a process is stopped':
        return this.#signal('SIGSTOP', change.which);
      case 'the pidfile names another process':
        return this.#name(this.#outsiders.other);
      case 'the pidfile names no process':
        return this.#name(NO_PID);
      case 'the pidfile becomes unusable':
        return this.#unusable.makeUnusable(change.by);
      case 'the runfile is removed':
        if (!this.isEnabled) return;
        rmSync(service.runfile);
        // A run that has just checked the runfile may start the service once, but not while a process still runs.
        this.#last = this.generation + (isWorking && this.living.length === 0 ? 1 : 0);
        return;
      case 'the runfile is created':
        this.#last = Number.POSITIVE_INFINITY;
        writeFileSync(service.runfile, '');
        return;
      case 'the force-restart file is created':
        writeFileSync(service.forceFile, '');
        return;
      case 'the next start gives':
        service.write('next.new', change.kinds.join(' '));
        renameSync(service.path('next.new'), service.path('next'));
    }
  }

  /** Writes the PIDs of the service into a pidfile that is still unusable. */
  restore(): void {
    const { generation } = this;
    this.#unusable.restore(this.members.filter((member) => member.generation === generation).map(({ pid }) => pid));
  }

  /** What must never happen, and did. */
  get wrongs(): string[] {
    const generations = new Set(this.living.map(({ generation }) => generation));
    return [
      ...this.#outsiders.killed.map((name) => `${name} was killed`),
      ...(existsSync(this.service.path('overlaps')) ? [this.#read('overlaps')] : []),
      ...(generations.size > 1 ? [`the generations ${[...generations].join(', ')} run at the same time`] : []),
      ...(this.generation > this.#last ? [`generation ${this.generation} was started without a runfile`] : []),
    ];
  }

  async end(): Promise<void> {
    const { service } = this;
    const parents = existsSync(service.path('parents')) ? this.#read('parents').split('\n').filter(Boolean) : [];
    // A recycled PID has another working directory.
    for (const pid of parents.filter((each) => workingDirectoryOf(each) === service.dir))
      process.kill(Number(pid), 'SIGKILL');
    this.#outsiders.kill();
    await service.end();
  }

  #read(name: string): string {
    return readFileSync(this.service.path(name), 'utf8').trim();
  }

  async #signal(signal: 'SIGKILL' | 'SIGSTOP', which: number): Promise<void> {
    const { living } = this;
    const target = living[which % living.length];
    if (target === undefined) return;
    process.kill(target.pid, signal);
    if (signal === 'SIGKILL') await until(`PID ${target.pid} was killed`, () => !isAlive(target.pid));
  }

  /** Appends to the present pidfile: to replace it could undo what a start has just written. */
  #name(pid: number): void {
    if (!this.isUnusable) appendFileSync(this.service.pidfile, `${pid}\n`);
  }
}

/** The working directory of a process; undefined when it no longer exists. */
function workingDirectoryOf(pid: string): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return undefined;
  }
}
