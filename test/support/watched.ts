import { chownSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ask } from './ask.ts';
import type { Daemon } from './daemons.ts';
import { afterEachTest } from './ends.ts';
import { familyOf, killFamily } from './family.ts';
import { forget } from './forget.ts';
import { isAlive, statField } from './process.ts';
import { startSipwd } from './sipwd.ts';
import { NOBODY } from './user.ts';
import { until } from './wait.ts';

const watched: Watched[] = [];

afterEachTest(async () => {
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
    const run = await this.startRun(...timeouts).run;
    this.see();
    return run;
  }

  /** The same without waiting for it. */
  startRun(...timeouts: readonly string[]) {
    // A core is written into the working directory.
    return startSipwd([...timeouts, ...this.args], { cwd: this.dir });
  }

  /** The positional arguments, with the force-restart file. */
  get args(): string[] {
    const { program, daemon, pidfile, dir } = this;
    return [join(dir, 'runs'), program, pidfile, daemon.commandIn(this), join(dir, 'force')];
  }

  /** Notes the processes of the daemon: they are ended after the test. */
  see(): number[] {
    const family = existsSync(this.pidfile) && this.pid > 1 ? familyOf(this.pid).filter(isAlive) : [];
    for (const pid of family) {
      const startTime = statField(pid, 22);
      if (startTime !== undefined) this.#seen.set(pid, startTime);
    }
    return family;
  }

  /** Processes that were noted and still run, although the main process is not their ancestor. */
  get left(): number[] {
    const family = familyOf(this.pid);
    return this.#noted.filter((pid) => !family.includes(pid));
  }

  /** What was noted and still runs. */
  get #noted(): number[] {
    return [...this.#seen].flatMap(([pid, startTime]) =>
      isAlive(pid) && statField(pid, 22) === startTime ? [pid] : [],
    );
  }

  /** Waits for an answer: some daemons run before they answer. */
  answers(): Promise<boolean> {
    const { daemon, port } = this;
    return until(`${daemon.program} answers`, async () => daemon.answer.test(await ask(port, daemon.question)));
  }

  async end(): Promise<void> {
    for (const pid of this.#noted) await killFamily(pid);
    rmSync(this.dir, { recursive: true, force: true });
    forget(this.dir);
  }
}
