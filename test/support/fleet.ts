import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import getPort from 'get-port';
import { Crew, WORKER } from './crew.ts';
import { DAEMONS, locate } from './daemons.ts';
import { kill } from './family.ts';
import { exeOf, isAlive, processesOf, statField } from './process.ts';
import { SEED } from './seed.ts';
import { testService } from './service.ts';
import { lineOf, tableOf } from './table.ts';
import { isRoot } from './user.ts';
import { Watched } from './watched.ts';

const REAL = ['nginx', 'redis-server', 'memcached', 'kamailio', 'lighttpd'];

/** What a fleet needs: for the title of a test. */
export const NEEDED_FOR_FLEET = `root, ${REAL.join(', ')}`;

/** What happens to a service, and whether it must be started because of that. */
const FAULTS = {
  'the main process is killed': true,
  'the pidfile is removed': true,
  'a forced restart is ordered': true,
  // The main process goes on.
  'the worker is killed': false,
} as const;

export type Fault = keyof typeof FAULTS;

/** One service of a fleet. */
export interface Ship {
  readonly name: string;
  readonly pidfile: string;
  readonly forceFile: string;
  /** the start command counts its calls there */
  readonly starts: string;
  readonly args: readonly string[];
  readonly daemon: Watched | Crew;
}

/** What is known of a service at one moment. */
export interface State {
  readonly main: string;
  readonly worker: string | undefined;
  readonly starts: number;
}

/**
 * Five real daemons and many small ones, which are twins: all have the same binary, and each has a worker. One more twin
 * is not in the table.
 */
export class Fleet {
  static readonly canSail = isRoot && REAL.every((program) => locate(program) !== undefined);

  readonly ships: readonly Ship[];
  readonly table: string;
  readonly stranger: Crew;
  #random = SEED;

  private constructor(daemons: readonly Watched[], crews: readonly Crew[], stranger: Crew) {
    this.ships = [
      ...daemons.map((daemon) => toShip(daemon.daemon.program, daemon, daemon.dir)),
      ...crews.map((crew, index) => toShip(`twin${index}`, crew, crew.service.dir)),
    ];
    this.stranger = stranger;
    const lines = this.ships.map((ship) => lineOf(ship, '--name', ship.name));
    this.table = tableOf(stranger.service, ...lines);
  }

  static async of(count: number): Promise<Fleet> {
    const daemons: Watched[] = [];
    for (const daemon of DAEMONS.filter(({ program }) => REAL.includes(program))) {
      daemons.push(new Watched(locate(daemon.program) ?? daemon.program, daemon, await getPort()));
    }
    const service = testService();
    const crew = (name: string) => new Crew([WORKER.plain], service, name);
    const crews = Array.from({ length: count }, (_, index) => crew(`twin${index}`));
    const stranger = crew('stranger');
    await stranger.start();
    return new Fleet(daemons, crews, stranger);
  }

  /** A random tenth of the services has a random fault each. */
  async harm(): Promise<ReadonlyMap<Ship, Fault>> {
    const left = [...this.ships];
    const faults = new Map<Ship, Fault>();
    const states = this.states();
    while (faults.size < this.ships.length / 10) {
      const [ship] = left.splice(this.#below(left.length), 1);
      if (ship === undefined) break;
      const hasWorker = states.get(ship)?.worker !== undefined;
      const possible = (Object.keys(FAULTS) as Fault[]).filter((fault) => hasWorker || FAULTS[fault]);
      const fault = possible[this.#below(possible.length)] ?? 'the main process is killed';
      await cause(fault, ship, states.get(ship)?.worker);
      faults.set(ship, fault);
    }
    return faults;
  }

  /** The main process of each service, the worker of each small daemon, and the number of starts. */
  states(): Map<Ship, State> {
    const workers = new Map(processesOf(isInTest).map((pid) => [exeOf(pid), idOf(pid)]));
    return new Map(
      this.ships.map((ship) => {
        const { daemon, pidfile, starts } = ship;
        if (daemon instanceof Watched) daemon.see();
        const worker = daemon instanceof Crew ? workers.get(daemon.worker) : undefined;
        return [ship, { main: idOf(Number(readFileSync(pidfile, 'utf8'))), worker, starts: linesIn(starts) }];
      }),
    );
  }

  /** All processes of the small daemons, the one that is not in the table included. */
  get twins(): number {
    const { dir } = this.stranger.service;
    return processesOf((exe) => exe?.startsWith(`${dir}/`) === true).length;
  }

  async answers(): Promise<void> {
    for (const { daemon } of this.ships) if (daemon instanceof Watched) await daemon.answers();
  }

  /** The same numbers in every run (Park and Miller's generator). */
  #below(limit: number): number {
    this.#random = (this.#random * 48_271) % 2_147_483_647;
    return this.#random % limit;
  }
}

/** Whether a service with this fault must be started. */
export function needsStart(fault: Fault | undefined): boolean {
  return fault !== undefined && FAULTS[fault];
}

function toShip(name: string, daemon: Watched | Crew, directory: string): Ship {
  const [runfile = '', binfile = '', pidfile = '', command = ''] = daemon.args;
  const [starts, forceFile] = [`${directory}/${name}.starts`, `${directory}/${name}.force`];
  const args = [runfile, binfile, pidfile, `echo >>${starts}; ${command}`, forceFile];
  return { name, pidfile, forceFile, starts, daemon, args };
}

async function cause(fault: Fault, { pidfile, forceFile }: Ship, worker: string | undefined): Promise<void> {
  if (fault === 'the pidfile is removed') rmSync(pidfile);
  else if (fault === 'a forced restart is ordered') writeFileSync(forceFile, '');
  else if (fault === 'the main process is killed') await kill([Number(readFileSync(pidfile, 'utf8'))]);
  else await kill([Number.parseInt(worker ?? '', 10)]);
}

function isInTest(exe: string | undefined): boolean {
  return exe?.includes('/sipwd-test-') === true;
}

/** PID and start time. */
function idOf(pid: number): string {
  const startTime = isAlive(pid) ? statField(pid, 22) : undefined;
  return startTime === undefined ? `${pid} does not run` : `${pid} ${startTime}`;
}

function linesIn(path: string): number {
  return existsSync(path) ? readFileSync(path, 'utf8').split('\n').length - 1 : 0;
}
