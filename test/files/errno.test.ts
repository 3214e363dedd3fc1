import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { errnoOf, isAbsence, reasonOf } from '../../src/files/errno.ts';
import { temporaryFolder } from '../support/folder.ts';
import { refusedAt, thrownBy } from '../support/rights.ts';

/** Errors of real system calls. */
const absent = () => thrownBy(() => readFileSync('/nonexistent/file'));
const noDirectory = () => thrownBy(() => readFileSync('/dev/null/file'));
const refused = () => {
  const path = join(temporaryFolder({ file: '' }), 'file');
  return thrownBy(() => refusedAt(path, () => readFileSync(path)));
};
const loop = () => thrownBy(() => readFileSync(join(temporaryFolder({ loop: { to: 'loop' } }), 'loop')));

describe('an errno', () => {
  test('when a system call failed, it is found; for any other error there is none', () => {
    expect(errnoOf(absent())).toBe('ENOENT');
    expect(errnoOf(new Error('other'))).toBeUndefined();
    expect(errnoOf({ code: 'ENOENT' })).toBeUndefined();
  });

  test('when a file or its directory does not exist, that is absence; every other errno is not', () => {
    expect(isAbsence(absent())).toBe(true);
    expect(isAbsence(noDirectory())).toBe(true);
    expect(isAbsence(refused())).toBe(false);
    expect(isAbsence(loop())).toBe(false);
    expect(isAbsence(new Error('other'))).toBe(false);
  });
});

describe('a reason', () => {
  test('when a system call failed, the reason is given in words, with the errno', () => {
    expect(reasonOf(absent())).toBe('no such file or directory (ENOENT)');
    expect(reasonOf(refused())).toBe('permission denied (EACCES)');
    expect(reasonOf(thrownBy(() => readdirSync('/dev/null')))).toBe('not a directory (ENOTDIR)');
    expect(reasonOf(thrownBy(() => readlinkSync('/')))).toBe('invalid argument (EINVAL)');
  });

  test('when the error has an errno and other words, the reason is the errno', () => {
    expect(reasonOf(Object.assign(new Error('kill'), { code: 'EPERM' }))).toBe('EPERM');
  });

  test('when it is any other value, the reason is its message', () => {
    expect(reasonOf(new Error('other'))).toBe('other');
    expect(reasonOf('text')).toBe('text');
  });
});
