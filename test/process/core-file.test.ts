import { linkSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { findCore } from '../../src/process/core-file.ts';
import { temporaryFolder } from '../support/folder.ts';

/** A directory with files, and what is found there by the name of a core. */
function places(...names: readonly string[]) {
  const directory = temporaryFolder();
  for (const name of names) writeFileSync(join(directory, name), 'core');
  const find = (name: string, changes: Partial<{ uid: number; since: number }> = {}) =>
    findCore([{ directory, name, uid: process.getuid?.() ?? 0, since: Date.now() - 1000, ...changes }]);
  return { directory, find };
}

describe('the core at a place', () => {
  test('when the name matches, it is that file, with the characters of a pattern quoted', async () => {
    const { directory, find } = places('core.7.99', 'core.8.99', 'a*b');
    expect(await find('core.7.*')).toBe(join(directory, 'core.7.99'));
    expect(await find('a\\*b')).toBe(join(directory, 'a*b'));
    expect(await find('core')).toBeUndefined();
  });

  test('when several match, it is the newest one', async () => {
    const { directory, find } = places('core.1', 'core.2', 'core.3');
    utimesSync(join(directory, 'core.2'), Date.now() / 1000 + 5, Date.now() / 1000 + 5);
    expect(await find('core.*')).toBe(join(directory, 'core.2'));
  });

  test('when a file is older than the restart, a link, has a second name or another owner, it is no core', async () => {
    const { directory, find } = places('old', 'twice', 'core');
    utimesSync(join(directory, 'old'), 1, 1);
    linkSync(join(directory, 'twice'), join(directory, 'again'));
    symlinkSync('core', join(directory, 'link'));
    for (const name of ['old', 'twice', 'link']) expect(await find(name)).toBeUndefined();
    writeFileSync(join(directory, 'empty'), '');
    expect(await find('empty')).toBeUndefined();
  });

  test('when there is no such directory, there is none', async () => {
    expect(await findCore([{ directory: '/none', name: 'core', uid: 0, since: 0 }])).toBeUndefined();
    expect(await findCore([])).toBeUndefined();
  });
});
