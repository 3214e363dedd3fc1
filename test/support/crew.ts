import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { stateDirectory, stateName } from '../../src/files/state-dir.ts';
import { quoted } from './caller.ts';
import { kill } from './family.ts';
import { isAlive, processesOf } from './process.ts';
import { type TestService, testService } from './service.ts';
import { sipwd } from './sipwd.ts';
import { until } from './wait.ts';

/** The main process: a shell that runs the lines of its arguments, then the lines that come through a FIFO. */
const MAIN = `exec 3<>"$1"
shift
for line; do eval "$line"; done
while read -r line <&3; do eval "$line"; done
`;

/** Lines that fork a worker. Its binary has the same name as that of the main process, in another directory. */
export const WORKER = {
  plain: '$WORKER 1000 &',
  /** ignores SIGTERM */
  stubborn: "( trap '' TERM; exec $WORKER 1000 ) &",
  /** a child of a process of another name */
  grandchild: "sh -c '$WORKER 1000 & wait' &",
  /** is killed when its parent exits */
  follower: 'setpriv --pdeathsig KILL $WORKER 1000 &',
  /** exits a moment after its parent; its binary must be a shell */
  slowFollower: `setpriv --pdeathsig USR1 $WORKER -c 'trap "sleep 0.3; exit" USR1; read -r never <&3' &`,
} as const;

/** Short timeouts, for tests that wait for one to pass. */
export const SOON = ['--term-timeout', '0.3', '--abort-timeout', '0.3'];

/** A daemon: a main process, which is in the pidfile, and workers, which are not. */
export class Crew {
  readonly pidfile: string;
  readonly command: string;
  readonly #fifo: string;
  /** the binary of the workers */
  readonly worker: string;

  /**
   * @param lines what the main process runs at the start
   * @param name distinguishes instances of one binary
   * @param launcher runs the main process: setsid(1), for a session of its own
   */
  constructor(
    readonly lines: readonly string[],
    readonly service: TestService = testService(),
    name = 'one',
    launcher = '',
  ) {
    service.copy('/bin/sh', service.name);
    mkdirSync(service.path(name));
    this.worker = service.copy('/bin/sleep', `${name}/${service.name}`);
    this.#fifo = service.path(`${name}.fifo`);
    execFileSync('mkfifo', ['-m', '0666', this.#fifo]);
    this.pidfile = service.path(`${name}.pid`);
    const main = service.write('main.sh', MAIN);
    const start = `WORKER=${this.worker} ${launcher} ${service.binfile} ${main} ${this.#fifo} ${lines.map(quoted).join(' ')}`;
    this.command = `cd ${service.dir}; ${start} </dev/null >/dev/null 2>&1 & echo $! >${this.pidfile}`;
  }

  /** The positional arguments, with the force-restart file. */
  get args(): string[] {
    const { runfile, binfile, forceFile } = this.service;
    return [runfile, binfile, this.pidfile, this.command, forceFile];
  }

  get main(): number {
    return Number(readFileSync(this.pidfile, 'utf8'));
  }

  /** All main processes, in the pidfile or not: more than one if a second copy was started. */
  get mains(): number[] {
    const isOwn = (pid: number) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(this.#fifo);
    return this.service.processes.filter((pid) => isAlive(pid) && isOwn(pid));
  }

  get workers(): number[] {
    return processesOf((exe) => exe === this.worker);
  }

  /** Starts the daemon without sipwd. */
  async start(owner: { readonly uid?: number; readonly gid?: number } = {}): Promise<void> {
    execFileSync('/bin/sh', ['-c', this.command], { stdio: 'ignore', ...owner });
    await this.complete();
  }

  /** Starts the daemon, then runs sipwd, which stores a snapshot. */
  async startSeen(): Promise<void> {
    await this.start();
    await this.check();
  }

  /** A healthy run, which stores a snapshot. */
  async check(): Promise<void> {
    const run = await sipwd(this.args);
    if (run.status !== 0 || run.stderr !== '') throw new Error(`not healthy: ${run.stderr}`);
  }

  complete(count = this.lines.length): Promise<boolean> {
    return until(`there are ${count} workers`, () => this.workers.length === count);
  }

  /** The main process runs one more line. */
  tell(line: string): void {
    writeFileSync(this.#fifo, `${line}\n`);
  }

  /** Kills the main process, as the OOM killer does. */
  async killMain(): Promise<void> {
    await kill([this.main]);
  }
}

/** Where sipwd stores the snapshot. */
export function snapshotOf({ pidfile }: { readonly pidfile: string }): string {
  return `${stateDirectory()}/${stateName(pidfile)}.snapshot`;
}
