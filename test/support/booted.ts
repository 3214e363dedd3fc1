import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { PROGRAM } from './program.ts';
import { isRoot } from './user.ts';
import { until } from './wait.ts';

const BOOT = 'test/support/boot.sh';
const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Whether a copy of this machine can be booted: it shows the file system of / only. */
export const canBoot =
  isRoot &&
  [process.execPath, PROGRAM].every((path) => existsSync(path) && statSync(path).dev === statSync('/').dev) &&
  spawnSync('unshare', ['--mount', '--cgroup', 'mount', '-t', 'cgroup2', 'none', '/mnt']).status === 0;

/** A copy of this machine with a PID 1 of its own, and with sipwd installed. What is changed there is forgotten. */
export class Booted {
  private constructor(
    readonly init: number,
    readonly directory: string,
    readonly guard: ChildProcess,
  ) {}

  /** @param init PID 1: a program with its arguments */
  static async boot(...init: readonly string[]): Promise<Booted> {
    const directory = mkdtempSync(join(tmpdir(), 'sipwd-boot-'));
    // The shell undoes everything when its standard input ends, also when the test run is killed.
    const args = ['--mount', BOOT, directory, ...init];
    const guard = spawn('unshare', args, { detached: true, stdio: ['pipe', 'pipe', 'inherit'] });
    let said = '';
    guard.stdout.on('data', (data: Buffer) => {
      said += data;
    });
    const pid = await until(`${init[0]} is PID 1`, () => Number(/^(\d+)\n/.exec(said)?.[1]));
    const booted = new Booted(pid, directory, guard);
    await booted.run(`ln -sfn ${PROGRAM} /usr/local/bin/sipwd`);
    return booted;
  }

  /** The place of its files here, while no symbolic link is on the way. */
  at = (path: string): string => join(`/proc/${this.init}/root`, path);

  exists = (path: string): boolean => existsSync(this.at(path));

  read = (path: string): string => readFileSync(this.at(path), 'utf8');

  write(path: string, content: string, mode = 0o644): void {
    mkdirSync(dirname(this.at(path)), { recursive: true });
    writeFileSync(this.at(path), content);
    chmodSync(this.at(path), mode);
  }

  /** Whether a file was written there outside of /run: that can be seen after its PID 1 has exited, too. */
  written = (path: string): boolean =>
    existsSync(join(`/proc/${this.guard.pid}/root`, this.directory, 'written/upper', path));

  /** Runs a command there as cron does: by sh, with little in the environment. */
  async run(command: string) {
    const env = { HOME: '/root', LOGNAME: 'root', SHELL: '/bin/sh', PATH: `${PATH}:${dirname(process.execPath)}` };
    const options = { env, extendEnv: false, all: true, reject: false, stdin: 'ignore' } as const;
    const enter = ['--target', String(this.init), '--all', '--wd', '/bin/sh', '-c', command];
    const { all, exitCode } = await execa('/usr/bin/nsenter', enter, options);
    return { status: exitCode, said: all };
  }

  /** Kills everything there, and returns when nothing of it is left. */
  async end(): Promise<void> {
    const over = once(this.guard, 'exit');
    this.guard.stdin?.end();
    await over;
    rmSync(this.directory, { recursive: true, force: true });
  }
}
