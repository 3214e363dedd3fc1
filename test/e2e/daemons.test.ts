import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { freePort } from '../support/ask.ts';
import { DAEMONS, locate } from '../support/daemons.ts';
import { killFamily } from '../support/family.ts';
import { isAlive } from '../support/process.ts';
import { Watched } from '../support/watched.ts';

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
