import { existsSync, rmSync, symlinkSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { isInstalled } from '../../support/caller.ts';
import { locate } from '../../support/daemons.ts';
import { canRun, Machine } from '../../support/machine.ts';
import { ABRT, sent } from '../../support/messages.ts';
import { linesIn } from '../../support/said.ts';

const SILENT = { status: 0, said: '' };

/** The programs that the detector calls, besides the one that sends requests. */
const TOOLS = ['basename', 'mkdir', 'rm', 'timeout', 'touch', 'wc'];

describe.for(['curl', 'wget'])('the detector, with %s', (asker) => {
  describe.skipIf(!isInstalled(asker) || !canRun('lighttpd'))(`(needs ${asker}, root and lighttpd)`, () => {
    let machine: Machine;

    beforeEach(async () => {
      machine = new Machine();
      await machine.provide('lighttpd');
      machine.enable('lighttpd');
      machine.install('sbin/sipwd-detector', '/usr/local/sbin/sipwd-detector');
      for (const tool of [asker, ...TOOLS]) symlinkSync(locate(tool) ?? tool, machine.at(`var/${tool}`));
    });

    afterEach(async () => {
      await machine.end();
    });

    const detect = () => {
      const changes = { 'http://127.0.0.1/': `http://127.0.0.1:${machine.port('lighttpd')}/` };
      return machine.run(machine.job('/run/lighttpd.force', changes), machine.at('var'));
    };
    const isOrdered = () => existsSync(machine.at('/run/lighttpd.force'));
    /** A start restores the page that the detector requests. */
    const check = async () => {
      const { at } = machine;
      const command = `'echo up >${at('var/index.html')}; ${at('/usr/local/etc/rc.d/lighttpd.sh')}'`;
      const files = [at('/run/lighttpd.runs'), '/usr/sbin/lighttpd', machine.pidfile('lighttpd'), command];
      const run = await machine.run([at('/usr/local/bin/sipwd'), ...files, at('/run/lighttpd.force')].join(' '));
      await machine.answers('lighttpd');
      return run;
    };
    const failTwice = async () => {
      for (const _ of ['once', 'twice']) expect(await detect()).toEqual(SILENT);
      expect(isOrdered()).toBe(false);
    };

    test('when a service runs and fails three times, sipwd restarts it by force, and it works again', async () => {
      expect(await check()).toMatchObject({ status: 0 });
      expect(await detect()).toEqual(SILENT);
      const pid = machine.pid('lighttpd');
      rmSync(machine.at('var/index.html'));
      await machine.answers('lighttpd', false);
      await failTwice();
      expect(await detect()).toEqual({ status: 0, said: expect.stringContaining('has failed 3 times') });
      expect(isOrdered()).toBe(true);

      const { status, said } = await check();
      expect(status).toBe(0);
      expect(linesIn(said)).toEqual(
        expect.arrayContaining(sent(ABRT, { binfile: '/usr/sbin/lighttpd', name: 'lighttpd' }, [pid])),
      );
      expect(isOrdered()).toBe(false);
      expect(await detect()).toEqual(SILENT);
    });

    test('when it works in between, or is disabled, its failures are counted from zero again', async () => {
      await failTwice();
      machine.enable('lighttpd', false);
      await failTwice();
      machine.enable('lighttpd');
      await failTwice();
      await check();
      expect(await detect()).toEqual(SILENT);
      await machine.kill('lighttpd');
      await failTwice();
    });
  });
});
