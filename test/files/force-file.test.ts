import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findForceFile } from '../../src/files/force-file.ts';
import { temporaryFolder } from '../support/folder.ts';
import { refusedAt } from '../support/rights.ts';

test('when no path is given, it is absent', () => {
  expect(findForceFile(undefined)).toEqual({ kind: 'absent' });
});

test('when the file or its directory does not exist, it is absent', () => {
  const folder = temporaryFolder({ file: '' });
  expect(findForceFile(join(folder, 'force'))).toEqual({ kind: 'absent' });
  expect(findForceFile(join(folder, 'file', 'force'))).toEqual({ kind: 'absent' });
});

test.each(['', 'please'])('when it is a regular file that contains "%s", it is present', (content) => {
  expect(findForceFile(join(temporaryFolder({ force: content }), 'force'))).toEqual({ kind: 'present' });
});

test.each([
  ['a directory', 'directory'],
  ['a symbolic link, even to a regular file', 'link'],
  ['a symbolic link to nowhere', 'dangling'],
])('when it is %s, it is ignored', (_, name) => {
  const folder = temporaryFolder({ 'directory/file': '', link: { to: 'directory/file' }, dangling: { to: 'gone' } });
  expect(findForceFile(join(folder, name))).toEqual({ kind: 'ignored', why: 'it is not a regular file' });
});

test('when it cannot be examined, it is ignored, with the reason', () => {
  const folder = temporaryFolder({ 'closed/force': '' });
  const found = refusedAt(join(folder, 'closed'), () => findForceFile(join(folder, 'closed/force')));
  expect(found).toEqual({ kind: 'ignored', why: 'permission denied (EACCES)' });
});
