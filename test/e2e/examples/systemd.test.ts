import { existsSync, readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { isInstalled } from '../../support/caller.ts';
import { canRun, Machine } from '../../support/machine.ts';

const NGINX = '/usr/lib/systemd/system/nginx.service';

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

  test.skipIf(!existsSync(NGINX))(
    'when systemd reads the unit of a runfile, it finds no fault (needs nginx)',
    async () => {
      machine.write('var/nginx.service', readFileSync(NGINX, 'utf8'));
      const text = machine.read('systemd/sipwd-runfile@.service');
      const unit = machine.write('var/sipwd-runfile@nginx.service', text);
      expect(await verify(unit)).toEqual({ status: 0, said: '' });
      machine.write('var/sipwd-runfile@nginx.service', `${text}NoSuchKey=1\n`);
      expect((await verify(unit)).said).toContain(`${unit}:`);
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
