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

/** The programs of the examples, where Debian installs them. */
const PROGRAMS = {
  nginx: '/usr/sbin/nginx',
  redis: '/usr/bin/redis-server',
  memcached: '/usr/bin/memcached',
  lighttpd: '/usr/sbin/lighttpd',
  kamailio: '/usr/sbin/kamailio',
} as const;

export type Name = keyof typeof PROGRAMS;

/** Whether the examples can be run: by root, since the daemons become other users, where Debian's daemons are installed. */
export function canRun(...names: readonly Name[]): boolean {
  return isRoot && names.every((name) => existsSync(PROGRAMS[name]));
}

const PIDFILES: Readonly<Record<Name, string>> = {
  nginx: '/run/nginx.pid',
  redis: '/run/redis/redis-server.pid',
  memcached: '/run/memcached/memcached.pid',
  lighttpd: '/run/lighttpd.pid',
  kamailio: '/run/kamailio/kamailio.pid',
};

/** A directory in place of /run and /usr/local, with the examples installed in it. */
export class Machine {
  readonly root = mkdtempSync(join(tmpdir(), 'sipwd-test-'));
  readonly #ports = new Map<Name, number>();

  constructor() {
    for (const folder of ['run/redis', 'run/kamailio', 'usr/local/bin', 'var'])
      mkdirSync(this.at(folder), { recursive: true });
    symlinkSync(PROGRAM, this.at('/usr/local/bin/sipwd'));
    // Some daemons become another user, and then use that directory.
    chmodSync(this.root, 0o755);
    if (isRoot) for (const folder of ['run/kamailio', 'var']) chownSync(this.at(folder), NOBODY, NOBODY);
  }

  /** The place of a path of the examples. */
  at = (path: string): string => join(this.root, path);

  write(path: string, content: string, mode = 0o644): string {
    mkdirSync(dirname(this.at(path)), { recursive: true });
    writeFileSync(this.at(path), content);
    chmodSync(this.at(path), mode);
    return this.at(path);
  }

  /** An example, with its paths below the root. Each other change must find its text. */
  read(example: string, changes: Readonly<Record<string, string>> = {}): string {
    let text = readFileSync(join('examples', example), 'utf8');
    for (const [from, to] of Object.entries(changes)) {
      if (!text.includes(from)) throw new Error(`${example} does not contain "${from}"`);
      text = text.replaceAll(from, to);
    }
    return text
      .replaceAll(/(?<![\w.])\/(run|usr\/local)\//g, `${this.root}/$1/`)
      .replaceAll('PATH=', `PATH=${dirname(process.execPath)}:`);
  }

  /** Installs an example as its first lines say. */
  install(example: string, place: string, changes: Readonly<Record<string, string>> = {}): string {
    return this.write(place, this.read(example, changes), 0o755);
  }

  /** Installs the start script of a service; that of memcached is an example. */
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

  /** The command of the crontab line with these words, even if it is commented out. */
  job(words: string, changes: Readonly<Record<string, string>> = {}): string {
    const lines = [...this.read('cron.d/sipwd', changes).matchAll(/^#?\* \* \* \* \* root (.*)$/gm)];
    const found = lines.map(([, command = '']) => command).filter((command) => command.includes(words));
    if (found.length !== 1) throw new Error(`there are ${found.length} lines for "${words}"`);
    return found[0] ?? '';
  }

  /** Runs a command as cron does: by sh, with the PATH of the crontab and little else in the environment. */
  async run(command: string, path = /^PATH=(.*)$/m.exec(this.read('cron.d/sipwd'))?.[1]) {
    const env = { HOME: '/root', LOGNAME: 'root', SHELL: '/bin/sh', PATH: path };
    const options = { env, extendEnv: false, cwd: this.at('var'), all: true, reject: false } as const;
    const { all, exitCode } = await execa('/bin/sh', ['-c', command], { ...options, stdin: 'ignore' });
    return { status: exitCode, said: all };
  }

  /** Enables or disables a service. */
  enable(name: Name, isEnabled = true): void {
    if (isEnabled) this.write(`/run/${name}.runs`, '');
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

  /** The first answer of a service; empty when there is none. */
  ask(name: Name): Promise<string> {
    return ask(this.port(name), this.#daemon(name).question);
  }

  /** Waits until a service answers, or no longer answers. */
  answers(name: Name, isUp = true): Promise<boolean> {
    const { answer } = this.#daemon(name);
    const what = `${name} ${isUp ? 'answers' : 'no longer answers'}`;
    return until(what, async () => answer.test(await this.ask(name)) === isUp);
  }

  /** Kills a service and all its descendants. */
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
