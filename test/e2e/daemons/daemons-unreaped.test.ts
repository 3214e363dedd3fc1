import { rmSync } from 'node:fs';
import { execa } from 'execa';
import getPort from 'get-port';
import { describe, expect, test } from 'vitest';
import { messages } from '../../../src/log/messages.ts';
import { because } from '../../../src/log/reasons.ts';
import { isInstalled } from '../../support/caller.ts';
import { DAEMONS, locate } from '../../support/daemons.ts';
import { kill } from '../../support/family.ts';
import { lineOf } from '../../support/messages.ts';
import { expectOneCopy, livingFamily, settledCount } from '../../support/one-copy.ts';
import { isAlive, stateOf } from '../../support/process.ts';
import { canMountProc } from '../../support/rights.ts';
import { QUIET, sipwd } from '../../support/sipwd.ts';
import { Unreaped } from '../../support/unreaped.ts';
import { Watched } from '../../support/watched.ts';

const canRun = canMountProc() && isInstalled('ss');

for (const daemon of DAEMONS) {
  const program = locate(daemon.program);

  /** Has sipwd start it there, and kills its main process. */
  const killed = async () => {
    const place = await Unreaped.make();
    const one = new Watched(program ?? daemon.program, daemon, await getPort());
    const run = (...options: string[]) => sipwd([...options, ...one.args], {}, place.program);
    expect(await run()).toMatchObject({ status: 0 });
    await one.answers();
    const main = place.pidHere(one.pid);
    const count = await settledCount(main);
    expect(await run()).toMatchObject(QUIET);
    const family = livingFamily(main);
    const old = one.pid;
    await kill([main]);
    expect(stateOf(main)).toBe('Z');
    return { place, one, run, count, family, old };
  };

  const needs = `needs root, for a PID namespace, and the packages ${daemon.package} and iproute2`;
  describe.skipIf(program === undefined || !canRun)(`${daemon.program}, whose parent never reaps (${needs})`, () => {
    test('when its main process is killed, its pidfile is removed, and one copy is started', async () => {
      const { place, one, run, count, family, old } = await killed();
      const { status, said, linesOf } = await run('--term-timeout', '2');
      expect({ status, said }).toMatchObject({ status: 0 });
      const removed = messages.pidfileRemoved(one.pidfile, `PID ${old} ${because.zombie()}`);
      expect(linesOf('pidfileRemoved')).toEqual([lineOf(removed, daemon.program)]);
      expect(family.filter(isAlive)).toEqual([]);
      await expectOneCopy(one, place.pidHere(one.pid), count);
      expect(await run()).toMatchObject(QUIET);
    });

    if (daemon.program !== 'kamailio') return;

    test('when it is started without sipwd, it refuses until its pidfile is removed', async () => {
      const { place, one, family } = await killed();
      await kill(family);
      const [file = '', ...args] = [...place.runner, '/bin/sh', '-c', daemon.commandIn(one)];
      const startByHand = () => execa(file, args, { reject: false, stdio: 'ignore' });
      expect((await startByHand()).exitCode).not.toBe(0);
      rmSync(one.pidfile);
      expect((await startByHand()).exitCode).toBe(0);
    });
  });
}
