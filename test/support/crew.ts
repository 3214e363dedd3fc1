import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { nameOf, ownFolder } from '../../src/files/own-folder.ts';
import { quoted } from './caller.ts';
import { kill } from './family.ts';
import { processesOf } from './process.ts';
import { type TestService, testService } from './service.ts';
import { sipwd } from './sipwd.ts';
import { until } from './wait.ts';

/** The main process: a shell that does what it was started with, line by line, then what comes through a FIFO. */
const MAIN = `exec 3<>"$1"
shift
for line; do eval "$line"; done
while read -r line <&3; do eval "$line"; done
`;

/** Lines that make a worker, which has the name of the main process and lies in another folder. */
export const WORKER = {
  plain: '$WORKER 1000 &',
  /** as one that hangs */
  stubborn: "( trap '' TERM; exec $WORKER 1000 ) &",
  /** a child of a process of another name */
  grandchild: "sh -c '$WORKER 1000 & wait' &",
  /** goes when its parent goes */
  follower: 'setpriv --pdeathsig KILL $WORKER 1000 &',
  /** the same, but it puts things in order first; its binary must be a shell */
  slowFollower: `setpriv --pdeathsig USR1 $WORKER -c 'trap "sleep 0.3; exit" USR1; read -r never <&3' &`,
} as const;

/** The timeouts of a test that waits for one to pass. */
export const SOON = ['--term-timeout', '0.3', '--abort-timeout', '0.3'];

/** A daemon that consists of a main process, which is in the pidfile, and of workers, which are not. */
export class Crew {
  readonly pidfile: string;
  readonly command: string;
  readonly #fifo: string;
  /** the binary of the workers */
  readonly worker: string;

  /**
   * @param lines what the main process does at the start
   * @param name tells apart the instances of one binary
   */
  constructor(
    readonly lines: readonly string[],
    readonly service: TestService = testService(),
    name = 'one',
  ) {
    service.copy('/bin/sh', service.name);
    mkdirSync(service.path(name));
    this.worker = service.copy('/bin/sleep', `${name}/${service.name}`);
    this.#fifo = service.path(`${name}.fifo`);
    execFileSync('mkfifo', ['-m', '0666', this.#fifo]);
    this.pidfile = service.path(`${name}.pid`);
    const main = service.write('main.sh', MAIN);
    const start = `WORKER=${this.worker} ${service.binfile} ${main} ${this.#fifo} ${lines.map(quoted).join(' ')}`;
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

  get workers(): number[] {
    return processesOf((exe) => exe === this.worker);
  }

  /** Starts it without sipwd. */
  async start(owner: { readonly uid?: number; readonly gid?: number } = {}): Promise<void> {
    execFileSync('/bin/sh', ['-c', this.command], { stdio: 'ignore', ...owner });
    await this.complete();
  }

  /** Starts it, and sipwd looks on once. */
  async startSeen(): Promise<void> {
    await this.start();
    await this.look();
  }

  /** A healthy run. */
  async look(): Promise<void> {
    const run = await sipwd(this.args);
    if (run.status !== 0 || run.stderr !== '') throw new Error(`not healthy: ${run.stderr}`);
  }

  complete(count = this.lines.length): Promise<boolean> {
    return until(`there are ${count} workers`, () => this.workers.length === count);
  }

  /** Has the main process do one thing more. */
  tell(line: string): void {
    writeFileSync(this.#fifo, `${line}\n`);
  }

  /** As the OOM killer does. */
  async killMain(): Promise<void> {
    await kill([this.main]);
  }
}

/** Where sipwd writes down what it saw. */
export async function recordOf(
  { pidfile }: { readonly pidfile: string },
  environment: NodeJS.ProcessEnv = process.env,
): Promise<string> {
  return `${ownFolder(environment)}/${await nameOf(pidfile)}.seen`;
}

/** What is said of a signal. */
export function sent(signal: string, { service }: Crew, pids: readonly number[]): string[] {
  return pids.map((pid) => `sent ${signal} to PID ${pid} (${service.binfile})`);
}

export const TERM = 'SIGTERM and SIGCONT';
export const ABRT = 'SIGABRT and SIGCONT';
