import {
  chownSync,
  closeSync,
  fstatSync,
  lchownSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { foreignLink, inDirectoryOf, type Link, MOST_LINKS, walk } from '../../src/files/symlinks.ts';
import { temporaryFolder } from '../support/folder.ts';
import { isRoot, NOBODY } from '../support/user.ts';

const uid = process.geteuid?.();

function linksOnTheWay(path: string) {
  const { descriptor, links } = walk(path);
  closeSync(descriptor);
  return links;
}

/** The links on the way to a file in a temporary directory, without that directory. */
function linksIn(folder: string, name: string) {
  return linksOnTheWay(join(folder, name)).map((link) => link.path.replace(`${folder}/`, ''));
}

describe('the symbolic links on the way', () => {
  test('when there is none, none is found', () => {
    const folder = temporaryFolder({ 'a/pid': '' });
    expect(linksIn(folder, 'a/pid')).toEqual([]);
    expect(linksIn(folder, './/a/../a/./pid')).toEqual([]);
  });

  test('when the file is a link, it is found with its owner', () => {
    const folder = temporaryFolder({ pid: { to: 'real' }, real: '' });
    expect(linksOnTheWay(join(folder, 'pid'))).toEqual([{ path: join(folder, 'pid'), uid }]);
  });

  test('when a directory is a link, it is found', () => {
    const folder = temporaryFolder({ run: { to: 'var/run' }, 'var/run/pid': '' });
    expect(linksIn(folder, 'run/pid')).toEqual(['run']);
  });

  test('when a link leads to another, both are found in the order in which they are followed', () => {
    const folder = temporaryFolder({ a: { to: 'd/b' }, 'd/b': { to: '../c' }, c: '' });
    expect(linksIn(folder, 'a')).toEqual(['a', 'd/b']);
  });

  test('when a link has an absolute target, the links on the way to that are found, too', () => {
    const folder = temporaryFolder({ 'real/pid': '', other: { to: 'real' } });
    mkdirSync(join(folder, 'd'));
    symlinkSync(join(folder, 'other/pid'), join(folder, 'd/pid'));
    expect(linksIn(folder, 'd/pid')).toEqual(['d/pid', 'other']);
  });

  test.skipIf(!isRoot)('when another user owns the link and not its target, the link counts (needs root)', () => {
    const folder = temporaryFolder({ pid: { to: 'real' }, real: '' });
    lchownSync(join(folder, 'pid'), NOBODY, NOBODY);
    expect(linksOnTheWay(join(folder, 'pid'))).toEqual([{ path: join(folder, 'pid'), uid: NOBODY }]);
    lchownSync(join(folder, 'pid'), 0, 0);
    chownSync(join(folder, 'real'), NOBODY, NOBODY);
    expect(linksOnTheWay(join(folder, 'pid'))).toEqual([{ path: join(folder, 'pid'), uid: 0 }]);
  });
});

describe('a way that has no end', () => {
  test('when a directory is missing, the errno is thrown', () => {
    const folder = temporaryFolder({ pid: { to: 'absent' } });
    expect(() => linksOnTheWay(join(folder, 'pid/more'))).toThrow(/ENOENT/);
  });

  test('when links form a loop, an error is thrown', () => {
    const folder = temporaryFolder({ a: { to: 'b' }, b: { to: 'a' } });
    expect(() => linksOnTheWay(join(folder, 'a'))).toThrow(`more than ${MOST_LINKS} symbolic links`);
  });

  test('when there are as many links as the kernel follows, all are found; one more is an error', () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, '0'), '');
    for (let link = 1; link <= MOST_LINKS + 1; link++) symlinkSync(String(link - 1), join(folder, String(link)));
    expect(linksIn(folder, String(MOST_LINKS))).toHaveLength(MOST_LINKS);
    expect(() => linksIn(folder, String(MOST_LINKS + 1))).toThrow(`more than ${MOST_LINKS} symbolic links`);
  });
});

test('when the walk ends, the descriptor is the file that the links led to, whatever is at the path now', () => {
  const folder = temporaryFolder({ pid: { to: 'real' }, real: 'x' });
  const { descriptor } = walk(join(folder, 'pid'));
  rmSync(join(folder, 'pid'));
  writeFileSync(join(folder, 'pid'), '');
  expect(fstatSync(descriptor).size).toBe(1);
  closeSync(descriptor);
});

test('when only the file itself is missing, its directory and name are given, where the links lead', () => {
  const folder = temporaryFolder({ pid: { to: 'run/real' } });
  mkdirSync(join(folder, 'run'));
  const { descriptor, missing } = walk(join(folder, 'pid'));
  expect(readlinkSync(`/proc/self/fd/${descriptor}`)).toBe(join(folder, 'run'));
  expect(missing).toBe('real');
  closeSync(descriptor);
});

test('when `..` follows a symbolic link, it is the directory above the target', () => {
  const folder = temporaryFolder({ current: { to: 'releases/5' }, 'releases/force': 'right', force: 'wrong' });
  mkdirSync(join(folder, 'releases/5'));
  const read = (path: string) => readFileSync(path, 'utf8');
  expect(inDirectoryOf(`${folder}/current/../force`, read)).toBe('right');
});

describe('a link of another user', () => {
  const [roots, own, foreign, later] = [0, uid ?? 0, NOBODY - 1, NOBODY - 2].map((each, index) => ({
    path: `/${index}`,
    uid: each,
  })) as [Link, Link, Link, Link];

  test('when it leads to a link of root, it still counts', () => {
    expect(foreignLink([roots, foreign, roots, own])).toBe(foreign);
  });

  test('when there are several, the first counts', () => {
    expect(foreignLink([foreign, later])).toBe(foreign);
  });

  test('when all links are of root or of the caller, there is none', () => {
    expect(foreignLink([roots, own, roots])).toBeUndefined();
    expect(foreignLink([])).toBeUndefined();
  });
});
