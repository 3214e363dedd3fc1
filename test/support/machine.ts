import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import getPort from 'get-port';
import { ask } from './ask.ts';
import { DAEMONS, type Daemon } from './daemons.ts';
import { killFamily } from './family.ts';
import { forget } from './forget.ts';
import { isAlive } from './process.ts';
import { PROGRAM } from './sipwd.ts';
import { isRoot, NOBODY } from './user.ts';
import { until } from './wait.ts';

/** Where Debian puts what the examples name. */
export const PROGRAMS = {
  nginx: '/usr/sbin/nginx',
  redis: '/usr/bin/redis-server',
  memcached: '/usr/bin/memcached',
  lighttpd: '/usr/sbin/lighttpd',
} as const;

export type Name = keyof typeof PROGRAMS;

/** Whether the examples can be run: root, for they give rights away, and the daemons where Debian puts them. */
export function canRun(...names: readonly Name[]): boolean {
  return isRoot && names.every((name) => existsSync(PROGRAMS[name]));
}

const PIDFILES: Readonly<Record<Name, string>> = {
  nginx: '/run/nginx.pid',
  redis: '/run/redis/redis-server.pid',
  memcached: '/run/memcached/memcached.pid',
  lighttpd: '/run/lighttpd.pid',
};

/** A folder in the place of a machine's /run and /usr/local, on which the examples are installed. */
export class Machine {
  readonly root = mkdtempSync(join(tmpdir(), 'sipwd-test-'));
  readonly #ports = new Map<Name, number>();

  constructor() {
    for (const folder of ['run/redis', 'usr/local/bin', 'var']) mkdirSync(this.at(folder), { recursive: true });
    symlinkSync(PROGRAM, this.at('/usr/local/bin/sipwd'));
    // Some daemons become another user, and work in that folder then.
    chmodSync(this.root, 0o755);
    if (isRoot) chownSync(this.at('var'), NOBODY, NOBODY);
  }

  /** Where a path of the examples is. */
  at = (path: string): string => join(this.root, path);

  write(path: string, content: string, mode = 0o644): string {
    mkdirSync(dirname(this.at(path)), { recursive: true });
    writeFileSync(this.at(path), content);
    chmodSync(this.at(path), mode);
    return this.at(path);
  }

  /** An example with its paths below the root; what else has to be changed is said, and has to be there. */
  read(example: string, changes: Readonly<Record<string, string>> = {}): string {
    let text = readFileSync(join('examples', example), 'utf8');
    for (const [from, to] of Object.entries(changes)) {
      if (!text.includes(from)) throw new Error(`there is no "${from}" in ${example}`);
      text = text.replaceAll(from, to);
    }
    return text
      .replaceAll(/(?<![\w.])\/(run|usr\/local)\//g, `${this.root}/$1/`)
      .replaceAll('PATH=', `PATH=${dirname(process.execPath)}:`);
  }

  /** Puts an example where its first lines, or the other examples, say that it goes. */
  install(example: string, place: string, changes: Readonly<Record<string, string>> = {}): string {
    return this.write(place, this.read(example, changes), 0o755);
  }

  /** Gives a service its script, which starts it; memcached has the one of the examples. */
  async provide(name: Name): Promise<void> {
    const port = await getPort();
    this.#ports.set(name, port);
    const place = `/usr/local/etc/rc.d/${name}.sh`;
    if (name === 'memcached') {
      this.install('rc.d/memcached.sh', place, { '-p 11211': `-p ${port}` });
      return;
    }
    const write = (file: string, content: string) => this.write(`var/${file}`, content);
    const home = { port, pidfile: this.pidfile(name), dir: this.at('var'), write };
    this.write(place, `#!/bin/sh\n${this.#daemon(name).commandIn(home)}\n`, 0o755);
  }

  /** The command of the line in cron's table that has these words, be it commented out. */
  job(words: string, changes: Readonly<Record<string, string>> = {}): string {
    const lines = [...this.read('cron.d/sipwd', changes).matchAll(/^#?\* \* \* \* \* root (.*)$/gm)];
    const found = lines.map(([, command = '']) => command).filter((command) => command.includes(words));
    if (found.length !== 1) throw new Error(`there are ${found.length} lines for "${words}"`);
    return found[0] ?? '';
  }

  /** Runs a command as cron does: by sh, with the PATH of its table and hardly anything else in its environment. */
  async run(command: string, path = /^PATH=(.*)$/m.exec(this.read('cron.d/sipwd'))?.[1]) {
    const env = { HOME: '/root', LOGNAME: 'root', SHELL: '/bin/sh', PATH: path };
    const options = { env, extendEnv: false, cwd: this.at('var'), all: true, reject: false } as const;
    const { all, exitCode } = await execa('/bin/sh', ['-c', command], { ...options, stdin: 'ignore' });
    return { status: exitCode, said: all };
  }

  /** Says that a service is meant to run, or is not. */
  want(name: Name, isWanted = true): void {
    if (isWanted) this.write(`/run/${name}.runs`, '');
    else rmSync(this.at(`/run/${name}.runs`));
  }

  pidfile(name: Name): string {
    return this.at(PIDFILES[name]);
  }

  pid(name: Name): number {
    return Number(readFileSync(this.pidfile(name), 'utf8'));
  }

  port(name: Name): number {
    return this.#ports.get(name) ?? 0;
  }

  /** Waits until a service answers well, or does so no more: some of them serve a file a while longer. */
  answers(name: Name, isWell = true): Promise<boolean> {
    const { answer, question } = this.#daemon(name);
    const what = `${name} answers ${isWell ? 'well' : 'no more'}`;
    return until(what, async () => answer.test(await ask(this.port(name), question)) === isWell);
  }

  /** Ends what runs of a service, and all that it has started. */
  async kill(name: Name): Promise<void> {
    const pid = existsSync(this.pidfile(name)) ? this.pid(name) : 0;
    if (pid > 1 && isAlive(pid)) await killFamily(pid);
  }

  async end(): Promise<void> {
    for (const name of this.#ports.keys()) await this.kill(name);
    rmSync(this.root, { recursive: true, force: true });
    forget(this.root);
  }

  #daemon(name: Name): Daemon {
    const daemon = DAEMONS.find(({ program }) => PROGRAMS[name].endsWith(`/${program}`));
    if (daemon === undefined) throw new Error(`${name} is not among the daemons`);
    return daemon;
  }
}
