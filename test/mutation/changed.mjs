// `npm run mutate:changed`: the mutation tests of the modules that a change touches, for .ci/run.
import { spawnSync } from 'node:child_process';
import { PURE } from './stryker.config.mjs';

/**
 * What git prints; undefined when it fails: there may be no such commit, no history, no git.
 *
 * @param {string[]} args
 */
function git(...args) {
  const { status, stdout } = spawnSync('git', args, { encoding: 'utf8' });
  return status === 0 ? stdout.trim() : undefined;
}

/** The commit before the change: where it has left the main branch, or the one before the last. */
function base() {
  const fork = git('merge-base', 'HEAD', 'origin/HEAD');
  return fork === undefined || fork === git('rev-parse', 'HEAD') ? git('rev-parse', 'HEAD~1') : fork;
}

const commit = base();
const diff = commit === undefined ? undefined : git('diff', '--name-only', commit, '--', 'src');
const files = diff?.split('\n') ?? [];
const changed = PURE.filter((file) => files.includes(file));
console.log(`Modules for mutation tests, changed since ${commit ?? '(no history)'}: ${changed.join(' ') || 'none'}`);
if (changed.length > 0) {
  const args = ['run', '--silent', 'mutate', '--', '--mutate', changed.join(',')];
  process.exitCode = spawnSync('npm', args, { stdio: 'inherit' }).status ?? 1;
}
