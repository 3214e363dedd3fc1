import { describe, expect, test } from 'vitest';
import { type Access, distrustOf, ownerOf } from '../../src/files/trust.ts';
import { distrust } from '../../src/log/reasons.ts';
import { Procfs } from '../../src/process/procfs.ts';
import { temporaryFolder } from '../support/folder.ts';
import { canGiveUpRights, withoutRoot } from '../support/rights.ts';
import { isRoot, NOBODY } from '../support/user.ts';

const OTHER = NOBODY - 1;
const ROOTS: Access = { uid: 0, gid: 0, mode: 0o100_644 };

/** The distrust in a pidfile that names PIDs 7, 8 … of these users; undefined: the process has just gone. */
function found(access: Access | undefined, ...uids: readonly (number | undefined)[]) {
  const processes = uids.map((_, index) => ({ pid: index + 7, startTime: 1 }));
  const status = uids.flatMap((uid, index) =>
    uid === undefined ? [] : [[`${index + 7}/status`, `Name:\tsvc\nUid:\t${uid}\t0\t0\t0\n`]],
  );
  return distrustOf('/p', access, processes, new Procfs(temporaryFolder(Object.fromEntries(status))));
}

describe('the owner', () => {
  test("when another user's link leads to the pidfile, that user counts as its owner", () => {
    expect(ownerOf(ROOTS)).toBe(0);
    expect(ownerOf({ ...ROOTS, link: { path: '/l', uid: NOBODY } })).toBe(NOBODY);
  });
});

describe.skipIf(!isRoot)('the trust of root in a pidfile (needs root)', () => {
  test.each(['646', '666', '602'])(
    'when its mode is %s, it is not trusted, whatever the user of the processes',
    (octal) => {
      const mode = Number.parseInt(octal, 8);
      expect(found({ ...ROOTS, mode }, 0)).toEqual(distrust.world('/p'));
      expect(found({ uid: NOBODY, gid: NOBODY, mode }, NOBODY)).toEqual(distrust.world('/p'));
    },
  );

  test('when a group can write it, it is trusted only if that is group 0', () => {
    expect(found({ uid: 0, gid: 7, mode: 0o664 }, 0)).toEqual(distrust.group('/p', 7));
    expect(found({ uid: 0, gid: 0, mode: 0o664 }, OTHER)).toBeUndefined();
    expect(found({ uid: 0, gid: 7, mode: 0o644 }, OTHER)).toBeUndefined();
  });

  test('when root owns it, processes of every user are signalled', () => {
    expect(found(ROOTS, 0, NOBODY, OTHER)).toBeUndefined();
  });

  test('when another user owns it, only processes of that user are signalled', () => {
    const access = { uid: NOBODY, gid: NOBODY, mode: 0o644 };
    expect(found(access, NOBODY, NOBODY)).toBeUndefined();
    expect(found(access, NOBODY, OTHER)).toEqual(distrust.owner('/p', NOBODY, 8));
    expect(found(access, 0, NOBODY)).toEqual(distrust.owner('/p', NOBODY, 7));
  });

  test("when another user's link leads to it, only processes of that user are signalled", () => {
    const access = { ...ROOTS, link: { path: '/l', uid: NOBODY } };
    expect(found(access, NOBODY)).toBeUndefined();
    expect(found(access, NOBODY, 0)).toEqual(distrust.link('/l', NOBODY, 8));
  });

  test('when a process has just gone, it is not a process of another user', () => {
    const access = { uid: NOBODY, gid: NOBODY, mode: 0o644 };
    expect(found(access, undefined)).toBeUndefined();
    expect(found(access, undefined, NOBODY)).toBeUndefined();
    expect(found(access, undefined, OTHER)).toEqual(distrust.owner('/p', NOBODY, 8));
  });

  test('when the user of a process cannot be read, the process may belong to another user', () => {
    const proc = new Procfs(temporaryFolder({ '7/status': 'Name:\tsvc\n' }));
    const access = { uid: NOBODY, gid: NOBODY, mode: 0o644 };
    expect(distrustOf('/p', access, [{ pid: 7, startTime: 1 }], proc)).toEqual(distrust.owner('/p', NOBODY, 7));
  });

  test('when there is no pidfile, or no process to signal, nothing is wrong', () => {
    expect(found(undefined, OTHER)).toBeUndefined();
    expect(found({ uid: NOBODY, gid: NOBODY, mode: 0o666 })).toBeUndefined();
  });

  test.skipIf(!canGiveUpRights)('when the caller is not root, the kernel decides', () => {
    expect(withoutRoot(() => found({ uid: OTHER, gid: OTHER, mode: 0o666 }, 0))).toBeUndefined();
  });
});
