import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const FIXTURES = 'test/fixtures/proc/linux-6.18';

/** The files that test/README.md describes, by the folder in the heading or in the row, and the PIDs of the fixtures. */
function described(): string[] {
  let folder = '';
  return readFileSync('test/README.md', 'utf8')
    .split('\n')
    .flatMap((line) => {
      if (line.startsWith('#')) folder = /test\/[\w/-]+/.exec(line)?.[0] ?? '';
      const [, file] = /^\| ([\w./-]+\.ts) +\|/.exec(line) ?? [];
      const [, pid] = /^\| (\d+) +\|/.exec(line) ?? [];
      if (pid !== undefined) return [`${FIXTURES}/${pid}`];
      if (file === undefined) return [];
      return [file.startsWith('test/') ? file : `${folder}/${file}`];
    });
}

test('when a file of the tests exists, test/README.md describes it, and no other', () => {
  const names = readdirSync('test', { recursive: true, encoding: 'utf8' });
  const files = names.filter((name) => name.endsWith('.ts')).map((name) => `test/${name}`);
  const fixtures = readdirSync(FIXTURES).map((pid) => `${FIXTURES}/${pid}`);
  expect(described().toSorted()).toEqual([...files, ...fixtures].sort());
});
