import { chownSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { ask, freePort } from '../support/ask.ts';
import { DAEMONS, type Daemon, locate } from '../support/daemons.ts';
import { killFamily } from '../support/family.ts';
import { isAlive } from '../support/process.ts';
import { sipwd } from '../support/sipwd.ts';
import { until } from '../support/wait.ts';

const NOBODY = 65534;

const watched: Watched[] = [];

afterEach(async () => {
  for (const each of watched.splice(0)) await each.end();
});

/** A daemon that sipwd watches. */
class Watched {
  readonly dir = mkdtempSync(join(tmpdir(), 'sipwd-test-'));
  readonly pidfile = join(this.dir, 'pid');
  readonly #pids = new Set<number>();

  constructor(
    readonly program: string,
    readonly daemon: Daemon,
    readonly port: number,
  ) {
    watched.push(this);
    this.write('runs', '');
    // Some write their pidfile when they are root no more.
    if (process.geteuid?.() === 0) chownSync(this.dir, NOBODY, NOBODY);
  }

  write = (name: string, content: string): string => {
    writeFileSync(join(this.dir, name), content);
    return join(this.dir, name);
  };

  get pid(): number {
    return Number(readFileSync(this.pidfile, 'utf8'));
  }

  async run() {
    const { program, daemon, pidfile, dir } = this;
    // A core of it falls there.
    const options = { cwd: dir };
    const run = await sipwd([join(dir, 'runs'), program, pidfile, daemon.commandIn(this), join(dir, 'force')], options);
    if (existsSync(this.pidfile)) this.#pids.add(this.pid);
    return run;
  }

  /** Some are there before they answer. */
  answers(): Promise<boolean> {
    const { daemon, port } = this;
    return until(`${daemon.program} answers`, async () => daemon.answer.test(await ask(port, daemon.question)));
  }

  async end(): Promise<void> {
    for (const pid of this.#pids) await killFamily(pid);
    rmSync(this.dir, { recursive: true, force: true });
  }
}

for (const daemon of DAEMONS) {
  const program = locate(daemon.program);

  /** It is down at first, and sipwd starts it. */
  const started = async () => {
    const one = new Watched(program ?? daemon.program, daemon, await freePort());
    const run = await one.run();
    expect(run).toMatchObject({ status: 0, signal: undefined });
    await one.answers();
    return one;
  };

  describe.skipIf(program === undefined)(`${daemon.program} (needs the package ${daemon.package})`, () => {
    test('when it is down, it is started and answers; when it runs, sipwd is silent', async () => {
      const one = await started();
      const { pid } = one;
      expect(await one.run()).toMatchObject({ status: 0, stdout: '', stderr: '' });
      expect(one.pid).toBe(pid);
    });

    test('when all of it was killed, it comes back as another process and answers', async () => {
      const one = await started();
      const { pid } = one;
      await killFamily(pid);
      expect(await one.run()).toMatchObject({ status: 0 });
      expect(one.pid).not.toBe(pid);
      await one.answers();
      expect(await one.run()).toMatchObject({ status: 0, stdout: '', stderr: '' });
    });

    if (daemon.hasWorkers) return;

    test('when it is to be restarted by force, it gets SIGABRT, comes back as another process and answers', async () => {
      const one = await started();
      const { pid } = one;
      const force = one.write('force', '');
      const run = await one.run();
      expect(run).toMatchObject({ status: 0 });
      expect(run.stderr).toContain(`SIGABRT and SIGCONT to PID ${pid} `);
      expect(existsSync(force)).toBe(false);
      expect(isAlive(pid)).toBe(false);
      await one.answers();
    });
  });
}
