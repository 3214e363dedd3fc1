import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, onTestFinished, test } from 'vitest';
import packageJson from '../package.json' with { type: 'json' };

/** Packs the package, as `npm publish` does, without building it again: its path, and the names of its files. */
async function pack(): Promise<{ readonly directory: string; readonly tarball: string; readonly names: string[] }> {
  const directory = mkdtempSync(join(tmpdir(), 'sipwd-package-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  await execa('npm', ['pack', '--ignore-scripts', '--pack-destination', directory]);
  const tarball = join(directory, `sipwd-${packageJson.version}.tgz`);
  const { stdout } = await execa('tar', ['-tzf', tarball]);
  return { directory, tarball, names: stdout.split('\n').map((name) => name.replace(/^package\//, '')) };
}

/** The names of the files below a directory. */
function below(directory: string): string[] {
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

test('when the package is packed, it has the program, its documents and the examples, and nothing else', async () => {
  const { names } = await pack();
  const program = ['bin/package.json', 'bin/sipwd', 'dist/main.js', 'dist/package.json', 'package.json'];
  const late = readdirSync('dist').filter((name) => /^late-\w+\.js$/.test(name));
  const documents = ['CHANGELOG.md', 'LICENSE', 'README.md', 'SECURITY.md', ...below('docs'), ...below('man')];
  expect(late).not.toEqual([]);
  expect(names.toSorted()).toEqual(
    [
      ...program,
      ...late.map((name) => `dist/${name}`),
      ...documents.filter((name) => !name.endsWith('.dot')),
      ...below('examples'),
    ].sort(),
  );
});

test('when the package is installed offline, it runs and has brought no other package', async () => {
  const { directory, tarball } = await pack();
  const prefix = join(directory, 'prefix');
  // An empty cache, and no registry: nothing can be fetched.
  const options = [
    '--offline',
    '--cache',
    join(directory, 'cache'),
    '--registry',
    'http://127.0.0.1:9',
    '--prefix',
    prefix,
  ];
  await execa('npm', ['install', '--global', ...options, tarball]);
  expect(readdirSync(join(prefix, 'lib/node_modules'))).toEqual(['sipwd']);
  expect(readdirSync(join(prefix, 'lib/node_modules/sipwd'))).not.toContain('node_modules');
  const { stdout } = await execa(join(prefix, 'bin/sipwd'), ['--version']);
  expect(stdout).toBe(packageJson.version);
  expect(readFileSync(join(prefix, 'share/man/man8/sipwd.8'), 'utf8')).toContain('.Nm sipwd');
});
