import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { DEBIAN, TARGETS } from '../targets.mjs';

const RELEASE = 'dist/release';
const BASE = `sipwd-${packageJson.version}`;
const debOf = (arch: string) => `sipwd_${packageJson.version}_${arch}.deb`;
const DEB_X64 = debOf(DEBIAN.x64);

test('when a release is built again, by a user with another umask, its files are the same, byte for byte', () => {
  const again = mkdtempSync(join(tmpdir(), 'sipwd-again-'));
  try {
    const build = 'umask 077; npm run --silent build:release -- --out "$0" x64 x64-musl';
    execFileSync('sh', ['-c', build, again]);
    for (const name of [`${BASE}-linux-x64-musl`, `${BASE}.tgz`, DEB_X64]) {
      expect([name, sumOf(join(again, name))]).toEqual([name, sumOf(join(RELEASE, name))]);
    }
  } finally {
    rmSync(again, { recursive: true });
  }
});

test('when a release is built, its files do not contain the directory of the checkout, nor a temporary one', () => {
  const program = readFileSync(join(RELEASE, `${BASE}-linux-x64`));
  const modules = execFileSync('tar', ['-xzOf', join(RELEASE, `${BASE}.tgz`), '--wildcards', 'package/dist/*']);
  for (const built of [program, modules]) expect(built.includes(process.cwd())).toBe(false);
  expect(modules.includes('/sipwd-build-')).toBe(false);
});

test('when a release is built, SHA256SUMS has the sum of every other file', () => {
  const programs = Object.keys(TARGETS).map((target) => `${BASE}-linux-${target}`);
  const debs = Object.values(DEBIAN).map(debOf);
  const names = [...programs, ...debs, `${BASE}.cdx.json`, `${BASE}.tgz`].sort();
  expect(readdirSync(RELEASE).sort()).toEqual(['SHA256SUMS', ...names]);
  const sums = names.map((name) => `${sumOf(join(RELEASE, name))}  ${name}\n`);
  expect(readFileSync(join(RELEASE, 'SHA256SUMS'), 'utf8')).toBe(sums.join(''));
});

test('when a release is built, its bill of materials names the bundled packages and the runtimes, and no tool', () => {
  const sbom = JSON.parse(readFileSync(join(RELEASE, `${BASE}.cdx.json`), 'utf8'));
  expect(sbom).toMatchObject({
    bomFormat: 'CycloneDX',
    metadata: { component: { name: 'sipwd', version: packageJson.version } },
  });
  const names: string[] = sbom.components.map(({ name }: { readonly name: string }) => name);
  expect(names).toEqual(expect.arrayContaining(['pino', 'commander', ...Object.values(TARGETS)]));
  expect(names).not.toContain('vitest');
  expect(names).not.toContain('bun');
});

function sumOf(file: string): string {
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}
