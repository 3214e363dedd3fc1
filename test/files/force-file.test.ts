import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findForceFile } from '../../src/files/force-file.ts';
import { temporaryFolder } from '../support/folder.ts';
import { refusedAt } from '../support/rights.ts';

test('when none was given, it is absent', () => {
  expect(findForceFile(undefined)).toEqual({ kind: 'absent' });
});

test('when there is no such file, or a part of its path is no folder, it is absent', () => {
  const folder = temporaryFolder({ file: '' });
  expect(findForceFile(join(folder, 'force'))).toEqual({ kind: 'absent' });
  expect(findForceFile(join(folder, 'file', 'force'))).toEqual({ kind: 'absent' });
});

test.each(['', 'please'])('when it is a regular file with "%s" in it, it is present', (content) => {
  expect(findForceFile(join(temporaryFolder({ force: content }), 'force'))).toEqual({ kind: 'present' });
});

test.each([
  ['a folder', 'folder'],
  ['a symlink, even to a regular file', 'link'],
  ['a symlink to nowhere', 'dangling'],
])('when it is %s, it is ignored', (_, name) => {
  const folder = temporaryFolder({ 'folder/file': '', link: { to: 'folder/file' }, dangling: { to: 'gone' } });
  expect(findForceFile(join(folder, name))).toEqual({ kind: 'ignored', why: 'it is not a regular file' });
});

test('when it cannot be looked at, it is ignored, and why is told', () => {
  const folder = temporaryFolder({ 'closed/force': '' });
  const found = refusedAt(join(folder, 'closed'), () => findForceFile(join(folder, 'closed/force')));
  expect(found).toEqual({ kind: 'ignored', why: 'permission denied (EACCES)' });
});
