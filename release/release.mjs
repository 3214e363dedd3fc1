// Makes a release: checks, tests, builds, and publishes. With --dry-run, prints what it would publish.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { problemsOf } from './problems.mjs';

const OUT = 'dist/release';
const STEPS = [
  ['npm', 'ci'],
  ['npm', 'test'],
  ['npm', 'run', 'build:release'],
  ['npm', 'run', 'test:release'],
];

const { values } = parseArgs({ options: { 'dry-run': { type: 'boolean', default: false } } });
const packageJson = JSON.parse(readFileSync('package.json', 'utf8'));
const tag = `v${packageJson.version}`;

function run([file, ...args], cwd = '.') {
  console.log(`\n=== ${[file, ...args].join(' ')}\n`);
  execFileSync(file, args, { cwd, stdio: ['ignore', 'inherit', 'inherit'] });
}

const changes = execFileSync('git', ['status', '--porcelain'], { encoding: 'utf8' });
const problems = problemsOf(packageJson, readFileSync('CHANGELOG.md', 'utf8'), changes);
for (const problem of problems) console.error(`release: ${problem}`);
// A dry run shows all that is wrong.
if (problems.length > 0 && !values['dry-run']) process.exit(1);

for (const step of STEPS) run(step);
run(['sha256sum', '--check', 'SHA256SUMS'], OUT);

const publish = [
  ['git', 'tag', '--annotate', tag, '--message', `sipwd ${packageJson.version}`],
  ['npm', 'publish', '--provenance', '--access', 'public', join(OUT, `sipwd-${packageJson.version}.tgz`)],
];
if (values['dry-run']) {
  console.log('\nIt would run:\n');
  for (const command of publish) console.log(`  ${command.join(' ')}`);
  console.log(`\nand these files are for the release page:\n\n${readFileSync(join(OUT, 'SHA256SUMS'), 'utf8')}`);
  process.exitCode = problems.length > 0 ? 1 : 0;
} else {
  for (const command of publish) run(command);
}
