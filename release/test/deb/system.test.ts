import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isInstalled } from '../../../test/support/caller.ts';
import { DEB, unpack } from './deb.ts';

const UNITS = 'usr/lib/systemd/system';

const root = mkdtempSync(join(tmpdir(), 'sipwd-system-'));
const at = (path: string) => join(root, path);
/** A file without comments and blank lines. */
const settings = (path: string) => readFileSync(path, 'utf8').replaceAll(/^(#.*)?\n/gm, '');

beforeAll(() => unpack(DEB, root, '/etc', '/usr/lib'));

afterAll(() => rmSync(root, { recursive: true, force: true }));

describe.skipIf(!isInstalled('systemd-analyze'))('the units of the package (needs systemd)', () => {
  test('when systemd reads the service and its timer, it finds no fault', () => {
    const files = ['service', 'timer'].map((kind) => at(`${UNITS}/sipwd.${kind}`));
    const { status, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', ...files], { encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });

  test('when the machine boots, the directory of the locks is made, for root alone', () => {
    execFileSync('systemd-tmpfiles', ['--create', `--root=${root}`, at('usr/lib/tmpfiles.d/sipwd.conf')]);
    expect((statSync(at('run/sipwd')).mode & 0o7777).toString(8)).toBe('700');
  });
});

test('when the service runs, it has the condition, the command and the PATH of the job of cron', () => {
  const crontab = readFileSync(at('etc/cron.d/sipwd'), 'utf8');
  const service = readFileSync(at(`${UNITS}/sipwd.service`), 'utf8');
  const value = (key: string) => new RegExp(`^${key}=(.*)$`, 'm').exec(service)?.[1];
  const command = value('ExecStart')?.replace(/^systemd-run [a-z -]* (?=\/)/, '');
  expect(crontab).toContain(`* * * * * root [ -x /usr/sbin/sipwd ] && ${value('ExecCondition')} && ${command}\n`);
  expect(crontab).toContain(`\n${value('Environment')}\n`);
});

test('when the package and the examples have the same file, they have the same settings', () => {
  expect(settings(at(`${UNITS}/sipwd.timer`))).toBe(settings('examples/systemd/sipwd.timer'));
  expect(settings(at('etc/logrotate.d/sipwd'))).toBe(settings('examples/logrotate.d/sipwd'));
});
