import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import packageJson from '../../../package.json' with { type: 'json' };
import { isInstalled } from '../../../test/support/caller.ts';
import { ARCHES, unpack } from './deb.ts';

const DOCUMENTS = '/usr/share/doc/sipwd';

const FILES = [
  '/etc/cron.d/sipwd',
  '/etc/logrotate.d/sipwd',
  '/etc/sipwd.tab',
  '/usr/lib/systemd/system/sipwd.service',
  '/usr/lib/systemd/system/sipwd.timer',
  '/usr/lib/tmpfiles.d/sipwd.conf',
  '/usr/sbin/sipwd',
  '/usr/share/bash-completion/completions/sipwd',
  '/usr/share/fish/vendor_completions.d/sipwd.fish',
  '/usr/share/lintian/overrides/sipwd',
  '/usr/share/man/man5/sipwd.tab.5.gz',
  '/usr/share/man/man8/sipwd.8.gz',
  '/usr/share/zsh/vendor-completions/_sipwd',
];

describe.each(ARCHES)('the package for $arch', ({ arch, deb, program, target }) => {
  let directory: string;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'sipwd-package-'));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  const field = (name: string) => execFileSync('dpkg-deb', ['--field', deb, name], { encoding: 'utf8' }).trim();

  test('when dpkg reads it, it says what it is and what it needs', () => {
    expect(['Package', 'Version', 'Architecture', 'Depends', 'Recommends'].map(field)).toEqual([
      ...['sipwd', packageJson.version, arch],
      ...['libc6 (>= 2.17)', 'cron | cron-daemon'],
    ]);
  });

  test('when it is listed, it has these files, all of root, and no other user can write one', () => {
    const list = execFileSync('dpkg-deb', ['--contents', deb], { encoding: 'utf8' }).trim().split('\n');
    const entries = list.map((line) => line.split(/\s+/));
    const files = entries.filter(([mode]) => mode?.startsWith('-')).map((words) => words.at(-1)?.slice(1) ?? '');
    expect(files.filter((path) => !path.startsWith(DOCUMENTS))).toEqual(FILES);
    expect(files).toEqual(
      expect.arrayContaining(
        ['README.md', 'changelog.gz', 'copyright', 'docs/operations.md', 'examples/cron.d/sipwd'].map((name) =>
          join(DOCUMENTS, name),
        ),
      ),
    );
    expect(new Set(entries.map(([, owner]) => owner))).toEqual(new Set(['root/root']));
    expect(new Set(entries.map(([mode]) => mode))).toEqual(new Set(['drwxr-xr-x', '-rw-r--r--', '-rwxr-xr-x']));
  });

  test(`when it is unpacked, its program is the one for ${target}, and its texts name the place of the program`, () => {
    unpack(deb, directory, '/');
    expect(sumOf(join(directory, 'usr/sbin/sipwd'))).toBe(sumOf(program));
    const texts = readdirSync(join(directory, DOCUMENTS), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'));
    const manual = execFileSync('zcat', [join(directory, 'usr/share/man/man8/sipwd.8.gz')], { encoding: 'utf8' });
    for (const text of [...texts, manual]) expect(text).not.toContain('/usr/local/bin/sipwd');
    expect(manual).toContain('/usr/sbin/sipwd /run/');
  });

  test.skipIf(!isInstalled('lintian'))(
    'when lintian checks it, there is no error and no warning (needs lintian)',
    () => {
      const options = ['--allow-root', '--fail-on', 'error,warning', '--tag-display-limit', '0'];
      // It leaves files behind.
      const env = { ...process.env, TMPDIR: directory };
      const { status, stdout } = spawnSync('lintian', [...options, deb], { encoding: 'utf8', env });
      expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
    },
  );
});

test('when root of another architecture installs the package, dpkg names both architectures, and nothing changes', () => {
  const other = ARCHES.find(({ arch }) => arch !== 'amd64')?.deb ?? '';
  const { status, stderr } = spawnSync('dpkg', ['--dry-run', '--install', other], { encoding: 'utf8' });
  expect(status).toBe(1);
  expect(stderr).toContain('package architecture (arm64) does not match system (amd64)');
});

function sumOf(file: string): string {
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}
