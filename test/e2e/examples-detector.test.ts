import { existsSync, rmSync, symlinkSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { isInstalled } from '../support/caller.ts';
import { locate } from '../support/daemons.ts';
import { canRun, Machine } from '../support/machine.ts';

const WELL = { status: 0, said: '' };

/** All that the detector calls, beside one that asks. */
const TOOLS = ['basename', 'mkdir', 'rm', 'timeout', 'touch', 'wc'];

describe.for(['curl', 'wget'])('the detector, with %s', (asker) => {
  describe.skipIf(!isInstalled(asker) || !canRun('lighttpd'))(`(needs ${asker}, root and lighttpd)`, () => {
    let machine: Machine;

    beforeEach(async () => {
      machine = new Machine();
      await machine.provide('lighttpd');
      machine.want('lighttpd');
      machine.install('sbin/sipwd-detector', '/usr/local/sbin/sipwd-detector');
      for (const tool of [asker, ...TOOLS]) symlinkSync(locate(tool) ?? tool, machine.at(`var/${tool}`));
    });

    afterEach(async () => {
      await machine.end();
    });

    const detect = () => {
      const changes = { 'http://127.0.0.1/': `http://127.0.0.1:${machine.port('lighttpd')}/` };
      return machine.run(machine.job('sipwd-detector', changes), machine.at('var'));
    };
    const isOrdered = () => existsSync(machine.at('/run/lighttpd.force'));
    /** A start brings the page back that the detector asks for. */
    const watch = async () => {
      const { at } = machine;
      const command = `'echo up >${at('var/index.html')}; ${at('/usr/local/etc/rc.d/lighttpd.sh')}'`;
      const files = [at('/run/lighttpd.runs'), '/usr/sbin/lighttpd', machine.pidfile('lighttpd'), command];
      const run = await machine.run([at('/usr/local/bin/sipwd'), ...files, at('/run/lighttpd.force')].join(' '));
      await machine.answers('lighttpd');
      return run;
    };
    const failTwice = async () => {
      for (const _ of ['once', 'twice']) expect(await detect()).toEqual(WELL);
      expect(isOrdered()).toBe(false);
    };

    test('when a service runs and fails three times, sipwd is told to restart it by force, and it works again', async () => {
      expect(await watch()).toMatchObject({ status: 0 });
      expect(await detect()).toEqual(WELL);
      const pid = machine.pid('lighttpd');
      rmSync(machine.at('var/index.html'));
      await machine.answers('lighttpd', false);
      await failTwice();
      expect(await detect()).toEqual({ status: 0, said: expect.stringContaining('has failed 3 times') });
      expect(isOrdered()).toBe(true);

      expect(await watch()).toMatchObject({
        status: 0,
        said: expect.stringContaining(`SIGABRT and SIGCONT to PID ${pid} `),
      });
      expect(isOrdered()).toBe(false);
      expect(await detect()).toEqual(WELL);
    });

    test('when it works in between, or is not meant to run, its failures do not add up', async () => {
      await failTwice();
      machine.want('lighttpd', false);
      await failTwice();
      machine.want('lighttpd');
      await failTwice();
      await watch();
      expect(await detect()).toEqual(WELL);
      await machine.kill('lighttpd');
      await failTwice();
    });
  });
});
