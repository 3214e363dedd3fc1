import { existsSync, readFileSync, symlinkSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { isInstalled } from '../../support/caller.ts';
import { locate } from '../../support/daemons.ts';
import { familyOf } from '../../support/family.ts';
import { canRun, Machine } from '../../support/machine.ts';
import { isAlive } from '../../support/process.ts';
import { eventsIn } from '../../support/said.ts';
import { until } from '../../support/wait.ts';

const SILENT = { status: 0, said: '' };
const NO_HOST = 'sip:no-such-host.invalid';

const isPossible = isInstalled('sipsak') && canRun('kamailio');

describe.skipIf(!isPossible)('the detector, with sipsak (needs sipsak, root and kamailio)', () => {
  let machine: Machine;
  let url: string;

  const install = (changes: Readonly<Record<string, string>> = {}) =>
    machine.install('sbin/sipwd-detector', '/usr/local/sbin/sipwd-detector', { 'seconds=10': 'seconds=1', ...changes });
  const detect = (of = url, path?: string) =>
    machine.run(machine.job('/run/kamailio.force', { 'sip:127.0.0.1:5060': of }), path);
  const isOrdered = () => existsSync(machine.at('/run/kamailio.force'));
  /** kamailio prints its addresses at a start. */
  const check = () => {
    const { at } = machine;
    const command = `'${at('/usr/local/etc/rc.d/kamailio.sh')} >/dev/null 2>&1'`;
    const files = [at('/run/kamailio.runs'), '/usr/sbin/kamailio', machine.pidfile('kamailio'), command];
    return machine.run([at('/usr/local/bin/sipwd'), ...files, at('/run/kamailio.force')].join(' '));
  };

  beforeEach(async () => {
    machine = new Machine();
    await machine.provide('kamailio');
    machine.enable('kamailio');
    url = `sip:127.0.0.1:${machine.port('kamailio')}`;
    install();
  });

  afterEach(async () => {
    await machine.end();
  });

  test('when kamailio is stopped with SIGSTOP, sipwd restarts it by force, and it answers again', async () => {
    expect(await check()).toMatchObject({ status: 0 });
    await machine.answers('kamailio');
    expect(await detect()).toEqual(SILENT);
    const before = familyOf(machine.pid('kamailio'));
    for (const pid of before) process.kill(pid, 'SIGSTOP');
    // For sipwd alone, it is healthy.
    expect(await check()).toEqual(SILENT);
    for (const _ of ['once', 'twice']) expect(await detect()).toEqual(SILENT);
    expect(isOrdered()).toBe(false);
    expect(await detect()).toEqual({ status: 0, said: expect.stringContaining(`${url} has failed 3 times`) });
    expect(isOrdered()).toBe(true);

    const { status, said } = await check();
    expect({ status, events: new Set(eventsIn(said)) }).toEqual({
      status: 0,
      events: new Set(['forcedRestart', 'sent', 'starting', 'started']),
    });
    await machine.answers('kamailio');
    expect(before.filter(isAlive)).toEqual([]);
    expect(isOrdered()).toBe(false);
    expect(await detect()).toEqual(SILENT);
    expect(await check()).toEqual(SILENT);
  });

  test('when kamailio answers with an error, that is an answer', async () => {
    const config = readFileSync(machine.at('var/kamailio.cfg'), 'utf8');
    machine.write('var/kamailio.cfg', config.replace('"200", "OK"', '"503", "Overload"'));
    expect(await check()).toMatchObject({ status: 0 });
    await until('kamailio answers', async () => /^SIP\/2\.0 503 /.test(await machine.ask('kamailio')));
    install({ 'most=3': 'most=1' });
    expect(await detect()).toEqual(SILENT);
    expect(isOrdered()).toBe(false);
  });

  test('when a request cannot be sent, nothing is ordered: no such host, or no sipsak', async () => {
    install({ 'most=3': 'most=1' });
    expect(await detect(NO_HOST)).toMatchObject({ status: 1, said: expect.stringContaining('cannot request') });
    for (const tool of ['basename', 'mkdir', 'rm', 'timeout', 'touch', 'wc']) {
      symlinkSync(locate(tool) ?? tool, machine.at(`var/${tool}`));
    }
    expect(await detect(url, machine.at('var'))).toMatchObject({ status: 1, said: expect.stringContaining('sipsak') });
    expect(isOrdered()).toBe(false);
  });
});
