import { existsSync, readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { isInstalled } from '../../support/caller.ts';
import { canRun, Machine } from '../../support/machine.ts';

const UNIT = '/usr/lib/systemd/system/nginx.service';
const DROP_IN = 'systemd/nginx.service.d/sipwd.conf';
const RUNFILE = '/run/nginx.runs';

let machine: Machine;

beforeEach(() => {
  machine = new Machine();
});

afterEach(async () => {
  await machine.end();
});

/** The values of a key, in their order; an empty value removes those before it, as for systemd. */
function valuesOf(key: string, unit: string): string[] {
  const all = [...unit.matchAll(new RegExp(`^${key}=(.*)$`, 'gm'))].map(([, value = '']) => value);
  return all.slice(all.lastIndexOf('') + 1);
}

const verify = (unit: string) => machine.run(`systemd-analyze verify --man=no ${unit}`);

describe.skipIf(!isInstalled('systemd-analyze'))('the units (needs systemd-analyze)', () => {
  test('when systemd reads the service and its timer, it finds no fault', async () => {
    machine.write('/usr/local/sbin/sipwd-services', '#!/bin/sh\n', 0o755);
    for (const name of ['sipwd.service', 'sipwd.timer']) {
      machine.write(`var/${name}`, machine.read(`systemd/${name}`));
    }
    expect(await verify(`${machine.at('var/sipwd.service')} ${machine.at('var/sipwd.timer')}`)).toEqual({
      status: 0,
      said: '',
    });
  });

  test.skipIf(!existsSync(UNIT))(
    'when systemd reads nginx.service with the drop-in, it finds no fault, and it reads both (needs nginx)',
    async () => {
      const unit = machine.write('var/nginx.service', readFileSync(UNIT, 'utf8'));
      const dropIn = machine.write('var/nginx.service.d/sipwd.conf', machine.read(DROP_IN));
      expect(await verify(unit)).toEqual({ status: 0, said: '' });
      machine.write('var/nginx.service.d/sipwd.conf', `${machine.read(DROP_IN)}NoSuchKey=1\n`);
      expect((await verify(unit)).said).toContain(`${dropIn}:`);
    },
  );
});

describe.skipIf(!canRun('memcached'))('sipwd.service (needs root and memcached as Debian installs it)', () => {
  test('when its command is run with its environment, the service is started', async () => {
    machine.install('sbin/sipwd-services', '/usr/local/sbin/sipwd-services');
    await machine.provide('memcached');
    machine.enable('memcached');
    const unit = machine.read('systemd/sipwd.service');
    const [command = ''] = valuesOf('ExecStart', unit);
    const [path] = valuesOf('Environment', unit).map((value) => value.replace('PATH=', ''));
    expect(await machine.run(command, path)).toMatchObject({ status: 0 });
    await machine.answers('memcached');
  });
});

describe('the drop-in for nginx.service', () => {
  const enabled = () => existsSync(machine.at(RUNFILE));
  const stopCommands = () => valuesOf('ExecStop', machine.read(DROP_IN));
  /** MAINPID is not set when systemd knows that the main process has exited (systemd.service(5)). */
  const removeRunfile = (mainPid?: number) =>
    machine.run(`${mainPid === undefined ? '' : `MAINPID=${mainPid} `}${stopCommands()[0]}`);

  beforeEach(async () => {
    const [touch = ''] = valuesOf('ExecStartPost', machine.read(DROP_IN));
    expect(await machine.run(touch)).toEqual({ status: 0, said: '' });
    expect(enabled()).toBe(true);
  });

  test('when the operator stops nginx, the first command removes the runfile', async () => {
    expect(await removeRunfile(4711)).toEqual({ status: 0, said: '' });
    expect(enabled()).toBe(false);
  });

  test('when nginx has died, the runfile stays', async () => {
    expect(await removeRunfile()).toEqual({ status: 0, said: '' });
    expect(enabled()).toBe(true);
  });

  test.skipIf(!existsSync(UNIT))(
    'when the distribution stops nginx by a command, it is the last one (needs nginx)',
    () => {
      const [own] = valuesOf('ExecStop', readFileSync(UNIT, 'utf8').replaceAll('/run/', `${machine.root}/run/`));
      expect(own).toContain('start-stop-daemon');
      expect(stopCommands().slice(1)).toEqual([own]);
    },
  );
});
