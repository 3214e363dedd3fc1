import { execFileSync } from 'node:child_process';
import { chmodSync, lchownSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { EXIT, Exit } from '../../src/exit.ts';
import { identityOf, parsePids, readPidfile } from '../../src/files/pidfile.ts';
import { type Tree, temporaryFolder } from '../support/folder.ts';
import { canGiveUpRights, refusedAt, thrownBy } from '../support/rights.ts';
import { isRoot, NOBODY } from '../support/user.ts';

const read = (content: string | Uint8Array) => readPidfile(join(temporaryFolder({ pid: content }), 'pid')).pids;

/** What is wrong with the file: the end of the message. */
function problem(call: () => unknown): string | undefined {
  const error = thrownBy(call);
  if (!(error instanceof Exit)) throw error;
  expect(error.status).toBe(EXIT.badPidfile);
  return /^cannot use pidfile .*?: (.*)$/s.exec(error.message)?.[1];
}

const expected = 'which is not a PID (2 to 4194304)';

describe('PIDs', () => {
  test.each([
    ['one', '42\n', [42]],
    ['one without a line feed', '42', [42]],
    ['one a line', '42\n43\n44\n', [42, 43, 44]],
    ['many on a line', '42 43\t44\n', [42, 43, 44]],
    ['all kinds of white space', '\v42\f43\t \t44 \n\n\n', [42, 43, 44]],
    ['lines that end as on another system', '42\r\n43\r\n', [42, 43]],
    ['leading zeros', '007 00000000000000000042\n', [7, 42]],
    ['duplicates, which count once', '42 43 42 042\n', [42, 43]],
    ['an order of their own, which is kept', '9 3 5\n', [9, 3, 5]],
    ['the lowest and the highest', '2 4194304', [2, 4_194_304]],
    ['none', '', []],
    ['nothing but white space', ' \r\n\t\n', []],
  ])('when the file holds %s, they are read', (_, content, pids) => {
    expect(read(content)).toEqual(pids);
  });

  test('when there are thousands, all are read', () => {
    const many = Array.from({ length: 5000 }, (_, index) => index + 2);
    expect(read(many.join('\n'))).toEqual(many);
  });

  test('when the file or its directory does not exist, there are none', () => {
    const folder = temporaryFolder({ file: '' });
    for (const path of [join(folder, 'absent'), join(folder, 'file', 'pid')]) {
      expect(readPidfile(path)).toEqual({ path, pids: [], access: undefined });
    }
  });
});

describe('a word that is not a PID', () => {
  test.each(['0', '1', '000', '4194305', '99999999999999999999', '-5', '+5', '5.0', '5e3', '0x10', '५', '1_000', '#5'])(
    'when it is %s, the whole file is not usable',
    (word) => {
      expect(problem(() => read(`42 ${word} 43\n`))).toBe(`line 1 holds "${word}", ${expected}`);
    },
  );

  test('when it is on a later line, the message names the file, the line and the word', () => {
    const error = thrownBy(() => parsePids('42\n\n43 sshd 44\n', '/run/svc.pid'));
    expect(error).toMatchObject({
      status: 2,
      message: `cannot use pidfile /run/svc.pid: line 3 holds "sshd", ${expected}`,
    });
  });

  test('when it holds control characters or NULs, they are escaped', () => {
    expect(problem(() => read('42\0\0'))).toBe(`line 1 holds "42\\x00\\x00", ${expected}`);
    expect(problem(() => read('\x1b[2J'))).toBe(`line 1 holds "\\x1b[2J", ${expected}`);
  });

  test('when the file holds nothing but NULs, as after a power cut, it is not an empty file', () => {
    expect(problem(() => read(new Uint8Array(5)))).toBe(`line 1 holds "\\x00\\x00\\x00\\x00\\x00", ${expected}`);
  });

  test('when it has a non-breaking space of Latin-1, as in a copied text, that is not white space', () => {
    expect(problem(() => read(Buffer.from('42\xa043', 'latin1')))).toBe(`line 1 holds "42\ufffd43", ${expected}`);
  });

  test('when it is nothing but zeros to the end of a large file, the file is not usable', () => {
    expect(problem(() => read('0'.repeat(64 * 1024)))).toBe(`line 1 holds "${'0'.repeat(40)}\u2026", ${expected}`);
  });

  test('when it is long, the message shortens it', () => {
    expect(problem(() => read('x'.repeat(1000)))).toBe(`line 1 holds "${'x'.repeat(40)}\u2026", ${expected}`);
  });
});

describe('a file that is not a pidfile', () => {
  test('when it is a directory, it is not read', () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'pid'));
    expect(problem(() => readPidfile(join(folder, 'pid')))).toBe('it is not a regular file');
  });

  test('when it is a FIFO that nobody writes, the read does not block', () => {
    const fifo = join(temporaryFolder(), 'pid');
    execFileSync('mkfifo', [fifo]);
    expect(problem(() => readPidfile(fifo))).toBe('it is not a regular file');
  });

  test('when it is a device, it is not read, even through a symbolic link', () => {
    const link = join(temporaryFolder({ pid: { to: '/dev/zero' } }), 'pid');
    expect(problem(() => readPidfile(link))).toBe('it is not a regular file');
    expect(problem(() => readPidfile('/dev/null'))).toBe('it is not a regular file');
  });

  test('when it is a socket, it is not read', async () => {
    const path = join(temporaryFolder(), 'pid');
    const server = createServer();
    await new Promise<void>((listening) => server.listen(path, listening));
    try {
      expect(problem(() => readPidfile(path))).toBe('it is not a regular file');
    } finally {
      server.close();
    }
  });

  test('when it is a symbolic link to itself, that is not absence', () => {
    const link = join(temporaryFolder({ pid: { to: 'pid' } }), 'pid');
    expect(problem(() => readPidfile(link))).toMatch(/^it cannot be read: .*\(ELOOP\)$/);
  });

  test('when it is a symbolic link to a pidfile, that is read, and owner and mode are those of the pidfile', () => {
    const folder = temporaryFolder({ real: '42\n', pid: { to: 'real' } });
    expect(readPidfile(join(folder, 'pid'))).toMatchObject({ path: join(folder, 'pid'), pids: [42] });
    chmodSync(join(folder, 'real'), 0o640);
    expect(readPidfile(join(folder, 'pid')).access).toMatchObject({ uid: process.geteuid?.(), mode: 0o100_640 });
  });

  test.skipIf(!canGiveUpRights)('when the caller may not read it, the error has the errno and the cause', () => {
    const path = join(temporaryFolder({ pid: '42\n' }), 'pid');
    expect(problem(() => refusedAt(path, () => readPidfile(path)))).toMatch(/^it cannot be read: .*\(EACCES\)$/);
    const error = thrownBy(() => refusedAt(path, () => readPidfile(path)));
    expect(error).toMatchObject({ cause: { code: 'EACCES' } });
  });

  test('when a read fails, the error has the errno', () => {
    // Nothing is mapped at the address 0.
    expect(problem(() => readPidfile(`/proc/${process.pid}/mem`))).toBe('it cannot be read: i/o error (EIO)');
  });

  test('when not every user can read it, the message does not show what it holds', () => {
    const path = join(temporaryFolder({ pid: '42\nsecret\n' }), 'pid');
    chmodSync(path, 0o600);
    expect(problem(() => readPidfile(path))).toBe('line 2 holds something that is not a PID (2 to 4194304)');
  });

  test.skipIf(!isRoot)('when the link of another user leads to it, nor does the message (needs root)', () => {
    const folder = temporaryFolder({ real: '42\n', pid: { to: 'real' } });
    const path = join(folder, 'pid');
    lchownSync(path, NOBODY, NOBODY);
    expect(readPidfile(path).access?.link).toEqual({ path, uid: NOBODY });
    writeFileSync(join(folder, 'real'), 'secret');
    expect(problem(() => readPidfile(path))).toBe('line 1 holds something that is not a PID (2 to 4194304)');
  });

  test('when it has 64 KiB, it is read; with one byte more, it is not', () => {
    const full = `${' '.repeat(64 * 1024 - 2)}42`;
    expect(read(full)).toEqual([42]);
    expect(problem(() => read(`${full}\n`))).toBe('it is larger than 64 KiB');
  });
});

test('when the same file is read again, it has the same identity; when it is written, or absent, another one', () => {
  const path = join(temporaryFolder({ pid: '42' }), 'pid');
  const before = identityOf(readPidfile(path));
  expect(identityOf(readPidfile(path))).toBe(before);
  utimesSync(path, 1, 1);
  expect(identityOf(readPidfile(path))).not.toBe(before);
  expect(identityOf(readPidfile(`${path}2`))).toBe('');
});

test.each<[string, Tree]>([
  ['can be read', { pid: '42' }],
  ['is behind a symbolic link', { pid: { to: 'real' }, real: '42' }],
  ['is behind a symbolic link that leads nowhere', { pid: { to: 'absent' } }],
  ['is behind a link to itself', { pid: { to: 'pid' } }],
  ['is a directory', { 'pid/file': '' }],
  ['holds no PID', { pid: 'text' }],
  ['is too large', { pid: '42\n'.repeat(30_000) }],
  ['does not exist', {}],
])('when it %s, no descriptor stays open', (_, tree) => {
  const path = join(temporaryFolder(tree), 'pid');
  const open = () => readdirSync('/proc/self/fd').length;
  const before = open();
  for (let round = 0; round < 5; round++) {
    try {
      readPidfile(path);
    } catch (error) {
      expect(error).toBeInstanceOf(Exit);
    }
  }
  expect(open()).toBe(before);
});
