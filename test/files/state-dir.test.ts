import { chmodSync, chownSync, mkdirSync, renameSync, rmdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { EXIT } from '../../src/exit.ts';
import { isPrivate, makeStateDirectory, problemOf, stateDirectory, stateName } from '../../src/files/state-dir.ts';
import { messages } from '../../src/log/messages.ts';
import { stateProblem } from '../../src/log/reasons.ts';
import { temporaryFolder } from '../support/folder.ts';
import { thrownBy, withoutRoot } from '../support/rights.ts';
import { isRoot, NOBODY, SomeUser } from '../support/user.ts';

const uid = process.geteuid?.();

describe.skipIf(!isRoot)('the path of the state directory (needs root)', () => {
  beforeEach(() => {
    // The environment has no say: cron and a login shell must agree.
    const elsewhere = temporaryFolder();
    for (const name of ['XDG_RUNTIME_DIR', 'TMPDIR', 'HOME', 'USER']) vi.stubEnv(name, elsewhere);
  });

  test('when the caller is root, it is /run/sipwd', () => {
    expect(stateDirectory()).toBe('/run/sipwd');
  });

  test('when the caller is another user and /run/user/UID exists, it is in there', () => {
    const { uid, runtime } = new SomeUser();
    expect(runtime).toBe(`/run/user/${uid}`);
    expect(withoutRoot(stateDirectory, uid)).toBe(`/run/user/${uid}/sipwd`);
  });

  test('when the caller is another user and /run/user/UID does not exist, it is in /tmp', () => {
    const { uid, runtime } = new SomeUser();
    rmdirSync(runtime);
    expect(withoutRoot(stateDirectory, uid)).toBe(`/tmp/sipwd-${uid}`);
  });
});

describe('the state directory', () => {
  test('when it does not exist, it is made for its owner alone', () => {
    const directory = join(temporaryFolder(), 'sipwd');
    expect(problemOf(directory)).toBeUndefined();
    makeStateDirectory(directory);
    expect(isPrivate(directory)).toBe(true);
    expect(problemOf(directory)).toBeUndefined();
  });

  test('when it exists and is private, it is used', () => {
    const directory = join(temporaryFolder(), 'sipwd');
    mkdirSync(directory, { mode: 0o700 });
    expect(() => makeStateDirectory(directory)).not.toThrow();
  });

  test('when others can use it, it is made private: an operator may have made it', () => {
    const directory = join(temporaryFolder(), 'sipwd');
    mkdirSync(directory);
    chmodSync(directory, 0o711);
    expect(isPrivate(directory)).toBe(false);
    makeStateDirectory(directory);
    expect(isPrivate(directory)).toBe(true);
  });

  const FOREIGN: Record<string, (path: string) => void> = {
    'it is a file': (path) => writeFileSync(path, '', { mode: 0o600 }),
    'it is a link to a private directory': (path) => {
      mkdirSync(`${path}.real`, { mode: 0o700 });
      symlinkSync(`${path}.real`, path);
    },
    'it is a link to nowhere': (path) => symlinkSync(`${path}.absent`, path),
  };
  test.for(Object.entries(FOREIGN))('when %s, it is refused, and the problem names the fix', ([, make]) => {
    const directory = join(temporaryFolder(), 'sipwd');
    make(directory);
    expect(isPrivate(directory)).toBe(false);
    expect(problemOf(directory)).toBe(stateProblem.foreignDirectory(directory, uid));
    expect(() => makeStateDirectory(directory)).toThrow(stateProblem.foreignDirectory(directory, uid));
  });

  test.skipIf(!isRoot)('when another user owns it, it is refused (needs root)', () => {
    const directory = join(temporaryFolder(), 'sipwd');
    mkdirSync(directory, { mode: 0o700 });
    chownSync(directory, NOBODY, NOBODY);
    expect(() => makeStateDirectory(directory)).toThrow(stateProblem.foreignDirectory(directory, uid));
  });

  test('when the directory above it does not exist, the errno is thrown', () => {
    expect(() => makeStateDirectory(join(temporaryFolder(), 'absent/sipwd'))).toThrow(/ENOENT/);
  });
});

describe('the name of the files of a service', () => {
  test('when the path is short, the name shows it and is one file name', () => {
    const folder = temporaryFolder();
    expect(stateName(join(folder, 'a b.pid'))).toBe(encodeURIComponent(join(folder, 'a b.pid')));
    expect(stateName(join(folder, 'a b.pid'))).not.toContain('/');
  });

  test('when the path is too long for a file name, the name is a digest, and another path has another', () => {
    const [one, other] = ['1', '2'].map((end) => stateName(`/absent/${'x'.repeat(200)}${end}`));
    expect(one).toMatch(/^[0-9a-f]{64}$/);
    expect(other).toMatch(/^[0-9a-f]{64}$/);
    expect(other).not.toBe(one);
  });

  test('when the directory is reached through a link, the name is the same', () => {
    const folder = temporaryFolder({ 'real/pid': '', link: { to: 'real' } });
    expect(stateName(join(folder, 'link/pid'))).toBe(stateName(join(folder, 'real/pid')));
    expect(stateName(join(folder, 'link/../real/./pid'))).toBe(stateName(join(folder, 'real/pid')));
  });

  test('when the pidfile itself is a link, the name is that of the link: a start may replace it', () => {
    const folder = temporaryFolder({ real: '', pid: { to: 'real' } });
    expect(stateName(join(folder, 'pid'))).toBe(encodeURIComponent(join(folder, 'pid')));
  });

  test('when the directory does not exist yet, the name stays the same once it does', () => {
    const folder = temporaryFolder({ link: { to: 'later' }, loop: { to: 'loop' } });
    const names = () => ['link/deeper/pid', 'later/deeper/pid'].map((path) => stateName(join(folder, path)));
    const before = names();
    expect(new Set(before).size).toBe(1);
    mkdirSync(join(folder, 'later/deeper'), { recursive: true });
    expect(names()).toEqual(before);
    expect(stateName(join(folder, 'loop/pid'))).toBe(encodeURIComponent(join(folder, 'loop/pid')));
  });

  test('when a directory is replaced by a link to it, the name follows the directory', () => {
    const folder = temporaryFolder({ 'run/pid': '' });
    const before = stateName(join(folder, 'run/pid'));
    renameSync(join(folder, 'run'), join(folder, 'moved'));
    symlinkSync('moved', join(folder, 'run'));
    expect(stateName(join(folder, 'run/pid'))).not.toBe(before);
    expect(stateName(join(folder, 'run/pid'))).toBe(stateName(join(folder, 'moved/pid')));
  });

  test('when the path is relative, it counts from the working directory; when that was removed, exit 5', () => {
    expect(stateName('svc.pid')).toBe(encodeURIComponent(join(process.cwd(), 'svc.pid')));
    const before = process.cwd();
    const gone = join(temporaryFolder(), 'gone');
    mkdirSync(gone);
    try {
      process.chdir(gone);
      rmdirSync(gone);
      expect(thrownBy(() => stateName('svc.pid'))).toMatchObject({
        status: EXIT.cannotTell,
        reason: messages.noWorkingDirectory('svc.pid'),
      });
    } finally {
      process.chdir(before);
    }
  });
});
