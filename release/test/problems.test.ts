import { expect, test } from 'vitest';
import { problemsOf } from '../problems.mjs';

const PACKAGE = { version: '2.1.0', repository: 'x' };
const CHANGELOG = '# Changes\n\n## 2.1.0\n\n## 2.0.0\n';

test('when nothing is in the way, there is no problem', () => {
  expect(problemsOf(PACKAGE, CHANGELOG, '')).toEqual([]);
});

test.each([
  ['the working tree has changes', PACKAGE, CHANGELOG, ' M README.md\n', 'the working tree has changes:\n M README.md'],
  ['the version is not released', PACKAGE, '## 2.1.0 (unreleased)\n', '', expect.stringContaining('(unreleased)')],
  [
    'the newest changes are of another version',
    PACKAGE,
    '## 2.0.0\n\n## 2.1.0\n',
    '',
    expect.stringContaining('## 2.0.0'),
  ],
  ['there are no changes', PACKAGE, '', '', expect.stringContaining('begins with ""')],
  ['the package names no repository', { version: '2.1.0' }, CHANGELOG, '', expect.stringContaining('repository')],
])('when %s, that is the problem', (_condition, packageJson, changelog, changes, problem) => {
  expect(problemsOf(packageJson, changelog, changes)).toEqual([problem]);
});
