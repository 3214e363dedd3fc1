import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { errnoOf } from '../../src/files/errno.ts';
import { afterEachTest } from './ends.ts';
import { forget } from './forget.ts';
import { endProcesses, processesOf } from './process.ts';
import { until } from './wait.ts';

let count = 0;
const live: TestService[] = [];

/**
 * A service in its own directory: a daemon that sleeps, with a name that no other process has, its files, and a start
 * command that counts its calls. Everything is removed after the test.
 */
export class TestService {
  readonly dir = mkdtempSync(join(tmpdir(), 'sipwd-test-'));
  readonly runfile = join(this.dir, 'svc.runs');
  /** at most 15 bytes, so that comm is the whole name */
  readonly binfile = join(this.dir, `svc${process.pid % 100_000}x${count++}`);
  readonly pidfile = join(this.dir, 'svc.pid');
  readonly forceFile = join(this.dir, 'svc.force');
  readonly #starts = join(this.dir, 'starts');

  constructor() {
    copyFileSync('/bin/sleep', this.binfile);
    chmodSync(this.binfile, 0o755);
    // Other users run services and sipwd as well.
    chmodSync(this.dir, 0o755);
    writeFileSync(this.runfile, '');
    live.push(this);
  }

  get name(): string {
    return basename(this.binfile);
  }

  /** A command that starts a silent daemon in the background, and writes its PID into the pidfile. */
  get uncountedCommand(): string {
    return `${this.binfile} 1000 </dev/null >/dev/null 2>&1 & echo $! >${this.pidfile}`;
  }

  /** The start command: the same, with its calls counted. */
  get command(): string {
    return `echo start >>${this.#starts}; ${this.uncountedCommand}`;
  }

  /** The number of calls of the start command. */
  get starts(): number {
    return existsSync(this.#starts) ? readFileSync(this.#starts, 'utf8').split('\n').length - 1 : 0;
  }

  /** The positional arguments, with the force-restart file. */
  get args(): [string, string, string, string, string] {
    return [this.runfile, this.binfile, this.pidfile, this.command, this.forceFile];
  }

  /** The PIDs in the pidfile. */
  get pids(): number[] {
    if (!existsSync(this.pidfile)) return [];
    return readFileSync(this.pidfile, 'utf8').split(/\s+/).filter(Boolean).map(Number);
  }

  /** Copies a program into the directory of the service. */
  copy(program: string, name: string): string {
    copyFileSync(program, this.path(name));
    chmodSync(this.path(name), 0o755);
    return this.path(name);
  }

  writePids(...pids: readonly number[]): void {
    writeFileSync(this.pidfile, pids.map((pid) => `${pid}\n`).join(''));
  }

  path(name: string): string {
    return join(this.dir, name);
  }

  write(name: string, content: string, mode = 0o644): string {
    writeFileSync(this.path(name), content);
    chmodSync(this.path(name), mode);
    return this.path(name);
  }

  /** Makes a user the owner of the directory and of the files in it. */
  give(uid: number): void {
    for (const name of ['', ...readdirSync(this.dir)]) chownSync(join(this.dir, name), uid, uid);
  }

  /** All processes that run the binary, in the pidfile or not. */
  get processes(): number[] {
    return processesOf((exe) => exe === this.binfile);
  }

  async end(): Promise<void> {
    const left = () => processesOf((exe) => exe?.startsWith(`${this.dir}/`) === true);
    await until('no process of the service is left', () => {
      for (const pid of left()) killIfThere(pid);
      return left().length === 0;
    });
    rmSync(this.dir, { recursive: true, force: true });
    forget(this.dir);
  }
}

/** A process may exit because another one did. */
function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (errnoOf(error) !== 'ESRCH') throw error;
  }
}

/** A service for one test. */
export function testService(): TestService {
  return new TestService();
}

/** A service in a directory that every user can write: an unwanted start by any user is counted. */
export function openService(): TestService {
  const service = testService();
  chmodSync(service.dir, 0o777);
  return service;
}

afterEachTest(async () => {
  endProcesses();
  for (const service of live.splice(0)) await service.end();
});
