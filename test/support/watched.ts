import { chownSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from 'vitest';
import { ask } from './ask.ts';
import type { Daemon } from './daemons.ts';
import { familyOf, killFamily } from './family.ts';
import { forget } from './forget.ts';
import { isAlive, startTimeOf } from './process.ts';
import { sipwd } from './sipwd.ts';
import { NOBODY } from './user.ts';
import { until } from './wait.ts';

const watched: Watched[] = [];

afterEach(async () => {
  for (const each of watched.splice(0)) await each.end();
});

/** A daemon that sipwd watches. */
export class Watched {
  readonly dir = mkdtempSync(join(tmpdir(), 'sipwd-test-'));
  readonly pidfile = join(this.dir, 'pid');
  /** all processes of the daemon after each run, with their start times */
  readonly #seen = new Map<number, string>();

  constructor(
    readonly program: string,
    readonly daemon: Daemon,
    readonly port: number,
  ) {
    watched.push(this);
    this.write('runs', '');
    // Some write their pidfile after they have given up root.
    if (process.geteuid?.() === 0) chownSync(this.dir, NOBODY, NOBODY);
  }

  write = (name: string, content: string): string => {
    writeFileSync(join(this.dir, name), content);
    return join(this.dir, name);
  };

  get pid(): number {
    return Number(readFileSync(this.pidfile, 'utf8'));
  }

  async run(...timeouts: readonly string[]) {
    const { program, daemon, pidfile, dir } = this;
    // A core is written into the working directory.
    const args = [join(dir, 'runs'), program, pidfile, daemon.commandIn(this), join(dir, 'force')];
    const run = await sipwd([...timeouts, ...args], { cwd: dir });
    const family = existsSync(this.pidfile) ? familyOf(this.pid).filter(isAlive) : [];
    for (const pid of family) this.#seen.set(pid, startTimeOf(pid));
    return run;
  }

  /** Waits for an answer: some daemons run before they answer. */
  answers(): Promise<boolean> {
    const { daemon, port } = this;
    return until(`${daemon.program} answers`, async () => daemon.answer.test(await ask(port, daemon.question)));
  }

  async end(): Promise<void> {
    for (const [pid, startTime] of this.#seen) {
      if (isAlive(pid) && startTimeOf(pid) === startTime) await killFamily(pid);
    }
    rmSync(this.dir, { recursive: true, force: true });
    forget(this.dir);
  }
}
