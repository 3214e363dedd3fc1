import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };

// The program cannot say anything where it is not even loaded. These are the messages that docs/standalone.md explains.

const MUSL = 'x64-musl/lib/x86_64-linux-musl';

const roots = mkdtempSync(join(tmpdir(), 'sipwd-roots-'));

beforeAll(() => {
  execFileSync('release/test/make-roots', [roots], { stdio: ['ignore', 'inherit', 'inherit'] });
});

afterAll(() => rmSync(roots, { recursive: true, force: true }));

/** What the shell of a root prints when it runs the program for a target; the files of one directory are hidden. */
async function runIn(root: string, target: string, hidden = 'tmp') {
  copyFileSync(`dist/release/sipwd-${packageJson.version}-linux-${target}`, join(roots, root, 'bin/sipwd'));
  const enter = 'mount -t proc proc "$0/proc" && mount -t tmpfs none "$0/$1" && exec chroot "$0" /bin/sh -c "$2"';
  const args = ['--mount', '/bin/sh', '-c', enter, join(roots, root), hidden, '/bin/sipwd --version; echo $?'];
  const { all } = await execa('unshare', args, { all: true, reject: false });
  return all.split('\n');
}

const NOT_FOUND = ['/bin/sh: /bin/sipwd: not found', '127'];

test('when the program for musl runs on glibc, or for glibc on musl, the shell does not find it', async () => {
  expect(await runIn('x64', 'x64-musl')).toEqual(NOT_FOUND);
  expect(await runIn('x64-musl', 'x64', 'lib64')).toEqual(NOT_FOUND);
});

test.for(['arm64', 'arm64-musl'])(
  'when the program for %s runs on x64, the shell cannot execute it',
  async (target) => {
    const { stderr, exitCode } = await execa(
      '/bin/dash',
      ['-c', `dist/release/sipwd-${packageJson.version}-linux-${target}`],
      { reject: false },
    );
    expect({ stderr, exitCode }).toEqual({ stderr: expect.stringContaining('Exec format error'), exitCode: 126 });
  },
);

test('when musl has no libstdc++, the first line names it', async () => {
  for (const name of readdirSync(join(roots, MUSL)).filter((each) => each.startsWith('libstdc++'))) {
    rmSync(join(roots, MUSL, name));
  }
  const [line] = await runIn('x64-musl', 'x64-musl');
  expect(line).toContain('libstdc++.so.6');
});
