// Run by Bun: builds the files of a release. Arguments: targets, by default all; --out names another directory.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import packageJson from '../package.json' with { type: 'json' };
import { buildPackage } from './deb/package.mjs';
import { buildProgram, withBytecodeOrder } from './program.mjs';
import { packagesOf, sbomOf } from './sbom.mjs';
import { DEBIAN, TARGETS } from './targets.mjs';

const { values, positionals } = parseArgs({
  options: { out: { type: 'string', default: 'dist/release' } },
  allowPositionals: true,
});
const targets = positionals.length > 0 ? positionals : Object.keys(TARGETS);
const unknown = targets.filter((target) => !(target in TARGETS));
if (unknown.length > 0) throw new Error(`no such target: ${unknown}; there are ${Object.keys(TARGETS)}`);

/** npm installs a package for another machine only with --force. */
function installRuntimes() {
  const options = ['--prefix', 'release', '--force', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  execFileSync('npm', ['ci', ...options], { stdio: ['ignore', 'ignore', 'inherit'] });
}

/** Bytecode is only valid for the version of Bun that made it. */
function runtimeOf(target) {
  const folder = join('release/node_modules', TARGETS[target]);
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  if (version !== Bun.version) throw new Error(`${TARGETS[target]} has version ${version}, but Bun is ${Bun.version}`);
  return join(folder, 'bin/bun');
}

/** SHA256SUMS of all other files in the directory, as `sha256sum --check` reads it. */
function writeSums(directory) {
  const names = readdirSync(directory);
  const sum = (name) =>
    createHash('sha256')
      .update(readFileSync(join(directory, name)))
      .digest('hex');
  writeFileSync(
    join(directory, 'SHA256SUMS'),
    names
      .sort()
      .map((name) => `${sum(name)}  ${name}\n`)
      .join(''),
  );
}

// npm packs the modes of the files.
process.umask(0o022);
installRuntimes();
rmSync(values.out, { recursive: true, force: true });
mkdirSync(values.out, { recursive: true });
const base = join(values.out, `sipwd-${packageJson.version}`);
await withBytecodeOrder(async (bytecodeOrder) => {
  let sources = [];
  for (const target of targets) {
    const runtime = { target: `bun-linux-${target}`, executablePath: runtimeOf(target) };
    sources = await buildProgram(`${base}-linux-${target}`, { bytecodeOrder, ...runtime });
  }
  const sbom = sbomOf(
    sources,
    targets.map((target) => TARGETS[target]),
  );
  writeFileSync(`${base}.cdx.json`, `${JSON.stringify(sbom, undefined, 2)}\n`);
  for (const target of targets.filter((each) => each in DEBIAN)) {
    const content = { arch: DEBIAN[target], program: `${base}-linux-${target}`, packages: packagesOf(sources) };
    buildPackage(values.out, content);
  }
});
execFileSync('npm', ['pack', '--silent', '--pack-destination', values.out], { stdio: ['ignore', 'ignore', 'inherit'] });
writeSums(values.out);
