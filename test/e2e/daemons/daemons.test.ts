import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import getPort from 'get-port';
import { describe, expect, test } from 'vitest';
import { DAEMONS, locate } from '../../support/daemons.ts';
import { killFamily } from '../../support/family.ts';
import { ABRT, sent } from '../../support/messages.ts';
import { isAlive } from '../../support/process.ts';
import { QUIET } from '../../support/sipwd.ts';
import { Watched } from '../../support/watched.ts';

for (const daemon of DAEMONS) {
  const program = locate(daemon.program);

  /** Has sipwd start it. */
  const started = async () => {
    const one = new Watched(program ?? daemon.program, daemon, await getPort());
    const run = await one.run();
    expect(run).toMatchObject({ status: 0, signal: undefined });
    await one.answers();
    return one;
  };

  describe.skipIf(program === undefined)(`${daemon.program} (needs the package ${daemon.package})`, () => {
    test('when it is down, it is started and answers; when it runs, sipwd logs nothing', async () => {
      const one = await started();
      const { pid } = one;
      expect(await one.run()).toMatchObject(QUIET);
      expect(one.pid).toBe(pid);
    });

    test('when all of its processes were killed, it is started with another PID and answers', async () => {
      const one = await started();
      const { pid } = one;
      await killFamily(pid);
      expect(await one.run()).toMatchObject({ status: 0 });
      expect(one.pid).not.toBe(pid);
      await one.answers();
      expect(await one.run()).toMatchObject(QUIET);
    });

    if (daemon.hasWorkers) return;

    test('when a forced restart is ordered, it gets SIGABRT, is started with another PID and answers', async () => {
      const one = await started();
      const { pid } = one;
      const force = one.write('force', '');
      const run = await one.run();
      expect(run).toMatchObject({ status: 0 });
      const service = { binfile: one.program, name: basename(one.program) };
      expect(run.linesOf('sent')).toEqual(sent(ABRT, service, [pid]));
      expect(run.linesOf('started')).toEqual([expect.stringContaining(`PID ${one.pid} `)]);
      expect(existsSync(force)).toBe(false);
      expect(isAlive(pid)).toBe(false);
      await one.answers();
    });
  });
}
