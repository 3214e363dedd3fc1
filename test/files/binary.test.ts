import {
  closeSync,
  linkSync,
  openSync,
  renameSync,
  type StatSyncFn,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Binary, isNameOf } from '../../src/files/binary.ts';
import { temporaryFolder } from '../support/folder.ts';
import { refusedAt } from '../support/rights.ts';

const look: StatSyncFn = statSync;
const statsOf = (path: string) => look(path, { bigint: true });
const paths = (binary: Binary) => binary.resolved.map(({ path }) => path);

/** For a case in which the path alone has to tell. */
const noFile = () => undefined;

describe('the name', () => {
  test.each([
    ['/usr/sbin/svc', 'svc'],
    ['./svc', 'svc'],
    ['svc', 'svc'],
    ['/opt/a b/s v c', 's v c'],
  ])('when the binfile is %s, it is %s', (binfile, name) => {
    expect(new Binary(binfile, undefined).name).toBe(name);
  });
});

describe('what a path resolves to', () => {
  test('when it is a chain of symlinks, that is the file at its end', () => {
    const folder = temporaryFolder({ svc: { to: 'svc-2' }, 'svc-2': { to: 'svc-2.1' }, 'svc-2.1': '' });
    expect(paths(new Binary(join(folder, 'svc'), undefined))).toEqual([join(folder, 'svc-2.1')]);
  });

  test('when a folder on the way is a symlink, that is followed', () => {
    const folder = temporaryFolder({ current: { to: 'v2' }, 'v2/svc': '' });
    expect(paths(new Binary(join(folder, 'current/svc'), undefined))).toEqual([join(folder, 'v2/svc')]);
  });

  test.each([
    ['absent', 'absent'],
    ['a symlink to nowhere', 'dangling'],
    ['a symlink to itself', 'loop'],
    ['a folder', 'folder'],
  ])('when it is %s, that is nothing', (_, name) => {
    const folder = temporaryFolder({ dangling: { to: 'gone' }, loop: { to: 'loop' }, 'folder/file': '' });
    expect(paths(new Binary(join(folder, name), undefined))).toEqual([]);
  });

  test('when it is unlinked between the look at it and the look at its path, that is nothing', () => {
    const folder = temporaryFolder({ svc: '' });
    const descriptor = openSync(join(folder, 'svc'), 'r');
    unlinkSync(join(folder, 'svc'));
    // The one name by which a file can be looked at that has no path any more.
    expect(paths(new Binary(`/proc/self/fd/${descriptor}`, undefined))).toEqual([]);
    closeSync(descriptor);
  });

  test('when the caller may not look into the folder, it cannot be told', () => {
    const folder = temporaryFolder({ 'closed/svc': '' });
    const binary = new Binary(join(folder, 'closed/svc'), undefined);
    refusedAt(join(folder, 'closed'), () => expect(() => paths(binary)).toThrow(/EACCES/));
  });

  test('when a file of that name lies in PATH, a path is not looked up there', () => {
    const folder = temporaryFolder({ 'bin/svc': '' });
    expect(paths(new Binary('./svc', join(folder, 'bin')))).toEqual([]);
  });
});

describe('what a bare name resolves to', () => {
  test('when several folders of PATH have it, each of them counts, in their order', () => {
    const folder = temporaryFolder({ 'a/svc': '', 'b/svc': { to: 'svc-2' }, 'b/svc-2': '' });
    const binary = new Binary('svc', [join(folder, 'b'), join(folder, 'none'), join(folder, 'a')].join(':'));
    expect(paths(binary)).toEqual([join(folder, 'b/svc-2'), join(folder, 'a/svc')]);
  });

  test.each([undefined, '', '/nonexistent'])(
    'when PATH is %s, the usual folders are still looked into',
    (searchPath) => {
      expect(paths(new Binary('sh', searchPath))).not.toEqual([]);
    },
  );

  test('when PATH names a relative folder, that is not looked into', () => {
    expect(paths(new Binary('package.json', '.::'))).toEqual([]);
  });
});

describe('whether a running binary is such a file', () => {
  test('when its path is the one at the end of the symlinks, it is, without a look at the file', () => {
    const folder = temporaryFolder({ svc: { to: 'svc-2' }, 'svc-2': '' });
    const binary = new Binary(join(folder, 'svc'), undefined);
    expect(binary.isResolvedTo(join(folder, 'svc-2'), noFile)).toBe(true);
    expect(binary.isResolvedTo(join(folder, 'svc-1'), noFile)).toBe(false);
  });

  test('when it is the same file under a second name, it is', () => {
    const folder = temporaryFolder({ first: '', other: '' });
    linkSync(join(folder, 'first'), join(folder, 'second'));
    const binary = new Binary(join(folder, 'second'), undefined);
    expect(binary.isResolvedTo(join(folder, 'first'), () => statsOf(join(folder, 'first')))).toBe(true);
    expect(binary.isResolvedTo(join(folder, 'other'), () => statsOf(join(folder, 'other')))).toBe(false);
  });

  test('when the binfile resolves to nothing, it is not, whatever it is', () => {
    const folder = temporaryFolder({ other: '' });
    const binary = new Binary(join(folder, 'svc'), undefined);
    expect(binary.isResolvedTo(join(folder, 'svc'), () => statsOf(join(folder, 'other')))).toBe(false);
  });
});

describe('whether a path names a file', () => {
  test('when it does, when another file has taken its place, and when there is none any more', () => {
    const folder = temporaryFolder({ 'svc (deleted)': '' });
    const path = join(folder, 'svc (deleted)');
    const stats = statsOf(path);
    expect(isNameOf(path, stats)).toBe(true);
    writeFileSync(join(folder, 'new'), '');
    renameSync(join(folder, 'new'), path);
    expect(isNameOf(path, stats)).toBe(false);
    unlinkSync(path);
    expect(isNameOf(path, stats)).toBe(false);
  });
});
