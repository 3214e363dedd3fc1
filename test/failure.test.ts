import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { EXIT, errnoOf, Failure, isAbsence, reasonOf } from '../src/failure.ts';
import { temporaryFolder } from './support/folder.ts';
import { refusedAt, thrownBy } from './support/rights.ts';

/** Errors as real system calls give them. */
const absent = () => thrownBy(() => readFileSync('/nonexistent/file'));
const noFolder = () => thrownBy(() => readFileSync('/dev/null/file'));
const refused = () => {
  const path = join(temporaryFolder({ file: '' }), 'file');
  return thrownBy(() => refusedAt(path, () => readFileSync(path)));
};
const loop = () => thrownBy(() => readFileSync(join(temporaryFolder({ loop: { to: 'loop' } }), 'loop')));

describe('a failure', () => {
  test('when it is thrown, it carries its status, its message and its cause', () => {
    const cause = new Error('the cause');
    const failure = new Failure(EXIT.badPidfile, 'cannot', cause);
    expect(failure).toMatchObject({ status: 2, message: 'cannot', name: 'Failure', cause });
  });

  test('when another bundled copy of the class made it, it is one all the same', () => {
    class Copy extends Error {
      override readonly name = 'Failure';
      readonly status = EXIT.cannotTell;
    }
    expect(Failure.is(new Copy('cannot'))).toBe(true);
    expect(Failure.is(new Failure(EXIT.usage, 'cannot'))).toBe(true);
  });

  test.each([new Error('other'), absent(), { name: 'Failure', status: 1 }, 'Failure', undefined])(
    'when it is something else, it is none: %s',
    (other) => {
      expect(Failure.is(other)).toBe(false);
    },
  );
});

describe('an errno', () => {
  test('when a system call failed, it is found; for any other error there is none', () => {
    expect(errnoOf(absent())).toBe('ENOENT');
    expect(errnoOf(new Error('other'))).toBeUndefined();
    expect(errnoOf({ code: 'ENOENT' })).toBeUndefined();
  });

  test('when nothing is there, that is absence; every other errno is not', () => {
    expect(isAbsence(absent())).toBe(true);
    expect(isAbsence(noFolder())).toBe(true);
    expect(isAbsence(refused())).toBe(false);
    expect(isAbsence(loop())).toBe(false);
    expect(isAbsence(new Error('other'))).toBe(false);
  });
});

describe('a reason', () => {
  test('when a system call failed, it is told in words, with the errno', () => {
    expect(reasonOf(absent())).toBe('no such file or directory (ENOENT)');
    expect(reasonOf(refused())).toBe('permission denied (EACCES)');
    expect(reasonOf(thrownBy(() => readdirSync('/dev/null')))).toBe('not a directory (ENOTDIR)');
    expect(reasonOf(thrownBy(() => readlinkSync('/')))).toBe('invalid argument (EINVAL)');
  });

  test('when the error has an errno and other words, the errno is told', () => {
    expect(reasonOf(Object.assign(new Error('kill'), { code: 'EPERM' }))).toBe('EPERM');
  });

  test('when it is any other error, or none at all, its message is told', () => {
    expect(reasonOf(new Error('other'))).toBe('other');
    expect(reasonOf('text')).toBe('text');
  });
});
