import { readFileSync } from 'node:fs';
import { execaSync } from 'execa';
import { expect, test } from 'vitest';
import manifest from '../package.json' with { type: 'json' };
import { isInstalled } from './support/caller.ts';
import { temporaryFolder } from './support/folder.ts';

/** Whether the other manuals are installed is the machine's affair. */
const ABOUT_THE_MACHINE = /referenced manual not found|outdated mandoc\.db/;

test.skipIf(!isInstalled('mandoc'))('when mandoc looks at the manual, it finds no fault (needs mandoc)', () => {
  const { all } = execaSync('mandoc', ['-T', 'lint', '-W', 'all', ...manifest.man], { all: true, reject: false });
  expect(all.split('\n').filter((line) => line !== '' && !ABOUT_THE_MACHINE.test(line))).toEqual([]);
});

test('when the checkout is installed, the manual is where man(1) looks for it', () => {
  const prefix = temporaryFolder();
  execaSync('npm', ['install', '-g', '--prefix', prefix, '--offline', '--ignore-scripts', '--no-audit', '.']);
  expect(readFileSync(`${prefix}/share/man/man8/sipwd.8`, 'utf8')).toBe(readFileSync('man/sipwd.8', 'utf8'));
});
