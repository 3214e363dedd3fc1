import { appendFileSync, existsSync, readFileSync, readlinkSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { isAlive } from '../support/process.ts';
import { testService } from '../support/service.ts';
import { until } from '../support/wait.ts';
import type { Change } from './events.ts';
import { Outsiders } from './outsiders.ts';
import { SpoiltPidfile } from './spoilt-pidfile.ts';
import { type Kind, startCommand } from './start-command.ts';

const NO_PID = 4_194_303;

/** A process of the service, as the start command noted it. */
export interface Member {
  readonly generation: number;
  readonly pid: number;
  readonly kind: Kind;
}

/** A service with its files, two processes that are none of its business, and what can happen to all of them. */
export class World {
  readonly service = testService();
  readonly #outsiders = new Outsiders(this.service);
  readonly #spoiled = new SpoiltPidfile(this.service);
  /** the last generation that may be started as things stand */
  #last = Number.POSITIVE_INFINITY;

  /** @param kinds what the first start gives */
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

  /** The members that live. */
  get living(): Member[] {
    const { processes } = this.service;
    return this.members.filter(({ pid }) => processes.includes(pid));
  }

  get isMeantToRun(): boolean {
    return existsSync(this.service.runfile);
  }

  get isSpoilt(): boolean {
    return this.#spoiled.isSpoilt;
  }

  get isHealthy(): boolean {
    // To read a FIFO would block.
    if (this.isSpoilt) return false;
    const { pids, processes } = this.service;
    return pids.length > 0 && pids.every((pid) => processes.includes(pid));
  }

  get isOrdered(): boolean {
    return existsSync(this.service.forceFile);
  }

  /** Whether some of the next or of the last generation exit by themselves. */
  get isUnsteady(): boolean {
    const { generation } = this;
    const current = this.members.filter((member) => member.generation === generation).map(({ kind }) => kind);
    return [...current, ...this.#read('next').split(' ')].includes('brief');
  }

  /** @param isUnderWay whether some sipwd is at work */
  async make(change: Change, isUnderWay: boolean): Promise<void> {
    const { service } = this;
    switch (change.kind) {
      case 'a process dies':
        return this.#strike('SIGKILL', change.which);
      case 'a process is stopped':
        return this.#strike('SIGSTOP', change.which);
      case 'the pidfile names a stranger':
        return this.#name(this.#outsiders.stranger);
      case 'the pidfile names nobody':
        return this.#name(NO_PID);
      case 'the pidfile is spoilt':
        return this.#spoiled.spoil(change.by);
      case 'the runfile goes':
        if (!this.isMeantToRun) return;
        rmSync(service.runfile);
        // Whoever has looked at it just before may start the service once; but not while a process has yet to end.
        this.#last = this.generation + (isUnderWay && this.living.length === 0 ? 1 : 0);
        return;
      case 'the runfile comes':
        this.#last = Number.POSITIVE_INFINITY;
        writeFileSync(service.runfile, '');
        return;
      case 'a restart is ordered':
        writeFileSync(service.forceFile, '');
        return;
      case 'the next start gives':
        service.write('next.new', change.kinds.join(' '));
        renameSync(service.path('next.new'), service.path('next'));
    }
  }

  /** Puts the PIDs of the service back into a pidfile that is still spoilt. */
  mend(): void {
    const { generation } = this;
    this.#spoiled.mend(this.members.filter((member) => member.generation === generation).map(({ pid }) => pid));
  }

  /** What has been done that must never be; none when all is well. */
  get wrongs(): string[] {
    const generations = new Set(this.living.map(({ generation }) => generation));
    return [
      ...this.#outsiders.killed.map((name) => `${name} was killed`),
      ...(existsSync(this.service.path('overlaps')) ? [this.#read('overlaps')] : []),
      ...(generations.size > 1 ? [`the generations ${[...generations].join(', ')} live together`] : []),
      ...(this.generation > this.#last ? [`generation ${this.generation} was started without a runfile`] : []),
    ];
  }

  async end(): Promise<void> {
    const { service } = this;
    const parents = existsSync(service.path('parents')) ? this.#read('parents').split('\n').filter(Boolean) : [];
    // By now a PID can be somebody else's, who does not work in this folder.
    for (const pid of parents.filter((each) => folderOf(each) === service.dir)) process.kill(Number(pid), 'SIGKILL');
    this.#outsiders.end();
    await service.end();
  }

  #read(name: string): string {
    return readFileSync(this.service.path(name), 'utf8').trim();
  }

  async #strike(signal: 'SIGKILL' | 'SIGSTOP', which: number): Promise<void> {
    const { living } = this;
    const target = living[which % living.length];
    if (target === undefined) return;
    process.kill(target.pid, signal);
    if (signal === 'SIGKILL') await until(`PID ${target.pid} is dead`, () => !isAlive(target.pid));
  }

  /** Appends to whatever file has the name by now: to write it anew could undo what a start has just written. */
  #name(pid: number): void {
    if (!this.isSpoilt) appendFileSync(this.service.pidfile, `${pid}\n`);
  }
}

/** The working directory of a process; undefined when there is none, or it is no process any more. */
function folderOf(pid: string): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return undefined;
  }
}
