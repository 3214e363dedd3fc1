import { execaSync } from 'execa';
import { expect, test } from 'vitest';
import manifest from '../package.json' with { type: 'json' };
import { isInstalled } from './support/caller.ts';

/** Whether the other manuals are installed is the machine's affair. */
const ABOUT_THE_MACHINE = /referenced manual not found|outdated mandoc\.db/;

test.skipIf(!isInstalled('mandoc'))('when mandoc looks at the manual, it finds no fault (needs mandoc)', () => {
  const { all } = execaSync('mandoc', ['-T', 'lint', '-W', 'all', manifest.man], { all: true, reject: false });
  expect(all.split('\n').filter((line) => line !== '' && !ABOUT_THE_MACHINE.test(line))).toEqual([]);
});
