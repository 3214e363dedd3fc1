import { closeSync, linkSync, openSync, renameSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Binary, isNameOf } from '../../src/files/binary.ts';
import { temporaryFolder } from '../support/folder.ts';
import { refusedAt } from '../support/rights.ts';

const statsOf = (path: string) => statSync(path, { bigint: true });
const paths = (binary: Binary) => binary.resolved.map(({ path }) => path);

/** For a case in which the path alone decides. */
const noFile = () => undefined;

describe('the name of a binary', () => {
  test.each([
    ['/usr/sbin/svc', 'svc'],
    ['./svc', 'svc'],
    ['svc', 'svc'],
    ['/opt/a b/s v c', 's v c'],
  ])('when the binfile is %s, it is %s', (binfile, name) => {
    expect(new Binary(binfile, undefined).name).toBe(name);
  });
});

describe('a path as the binfile', () => {
  test('when it is a chain of symbolic links, it resolves to the file at the end', () => {
    const folder = temporaryFolder({ svc: { to: 'svc-2' }, 'svc-2': { to: 'svc-2.1' }, 'svc-2.1': '' });
    expect(paths(new Binary(join(folder, 'svc'), undefined))).toEqual([join(folder, 'svc-2.1')]);
  });

  test('when a directory on the way is a symbolic link, the link is followed', () => {
    const folder = temporaryFolder({ current: { to: 'v2' }, 'v2/svc': '' });
    expect(paths(new Binary(join(folder, 'current/svc'), undefined))).toEqual([join(folder, 'v2/svc')]);
  });

  test.each([
    ['absent', 'absent'],
    ['a symbolic link to nowhere', 'dangling'],
    ['a symbolic link to itself', 'loop'],
    ['a directory', 'directory'],
  ])('when it is %s, it resolves to nothing', (_, name) => {
    const folder = temporaryFolder({ dangling: { to: 'gone' }, loop: { to: 'loop' }, 'directory/file': '' });
    expect(paths(new Binary(join(folder, name), undefined))).toEqual([]);
  });

  test('when it is unlinked while it is examined, it resolves to nothing', () => {
    const folder = temporaryFolder({ svc: '' });
    const descriptor = openSync(join(folder, 'svc'), 'r');
    unlinkSync(join(folder, 'svc'));
    // The only name of a file that has no path any more.
    expect(paths(new Binary(`/proc/self/fd/${descriptor}`, undefined))).toEqual([]);
    closeSync(descriptor);
  });

  test('when the caller may not search its directory, an error is thrown', () => {
    const folder = temporaryFolder({ 'closed/svc': '' });
    const binary = new Binary(join(folder, 'closed/svc'), undefined);
    refusedAt(join(folder, 'closed'), () => expect(() => paths(binary)).toThrow(/EACCES/));
  });

  test('when a file of that name is in PATH, a path is not looked up there', () => {
    const folder = temporaryFolder({ 'bin/svc': '' });
    expect(paths(new Binary('./svc', join(folder, 'bin')))).toEqual([]);
  });
});

describe('a bare name as the binfile', () => {
  test('when several directories of PATH contain it, it resolves to each of them, in their order', () => {
    const folder = temporaryFolder({ 'a/svc': '', 'b/svc': { to: 'svc-2' }, 'b/svc-2': '' });
    const binary = new Binary('svc', [join(folder, 'b'), join(folder, 'none'), join(folder, 'a')].join(':'));
    expect(paths(binary)).toEqual([join(folder, 'b/svc-2'), join(folder, 'a/svc')]);
  });

  test.each([undefined, '', '/nonexistent'])(
    'when PATH is %s, it is looked up in the usual directories',
    (searchPath) => {
      expect(paths(new Binary('sh', searchPath))).not.toEqual([]);
    },
  );

  test('when PATH contains a relative directory, that is not searched', () => {
    expect(paths(new Binary('package.json', '.::'))).toEqual([]);
  });
});

describe('a running binary', () => {
  test('when the binfile resolves to its path, it matches, and the file is not examined', () => {
    const folder = temporaryFolder({ svc: { to: 'svc-2' }, 'svc-2': '' });
    const binary = new Binary(join(folder, 'svc'), undefined);
    expect(binary.isResolvedTo(join(folder, 'svc-2'), noFile)).toBe(true);
    expect(binary.isResolvedTo(join(folder, 'svc-1'), noFile)).toBe(false);
  });

  test('when the binfile resolves to another name of the same file, it matches', () => {
    const folder = temporaryFolder({ first: '', other: '' });
    linkSync(join(folder, 'first'), join(folder, 'second'));
    const binary = new Binary(join(folder, 'second'), undefined);
    expect(binary.isResolvedTo(join(folder, 'first'), () => statsOf(join(folder, 'first')))).toBe(true);
    expect(binary.isResolvedTo(join(folder, 'other'), () => statsOf(join(folder, 'other')))).toBe(false);
  });

  test('when the binfile resolves to nothing, it does not match', () => {
    const folder = temporaryFolder({ other: '' });
    const binary = new Binary(join(folder, 'svc'), undefined);
    expect(binary.isResolvedTo(join(folder, 'svc'), () => statsOf(join(folder, 'other')))).toBe(false);
  });
});

describe('the path of a file', () => {
  test('when the file is replaced or unlinked, the path no longer names it', () => {
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
