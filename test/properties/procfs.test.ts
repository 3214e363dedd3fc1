import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { Procfs } from '../../src/process/procfs.ts';
import { expectToHold } from '../support/seed.ts';

const PID = 7;

const root = mkdtempSync(join(tmpdir(), 'sipwd-procfs-'));
mkdirSync(join(root, String(PID)));
const proc = new Procfs(root);

afterAll(() => rmSync(root, { recursive: true, force: true }));

function writeStatus(content: string | Uint8Array): void {
  writeFileSync(join(root, String(PID), 'status'), content);
}

/** In a name, the kernel escapes a line feed and a backslash, but not a CR. */
const plain = fc
  .integer({ min: 1, max: 255 })
  .map((code) => String.fromCharCode(code))
  .filter((character) => character !== '\n' && character !== '\\');
const name = fc.oneof(
  fc.string({ unit: fc.oneof(plain, fc.constantFrom('\\n', '\\\\')), maxLength: 15 }),
  fc.constantFrom('\rCoreDumping:1', '\rUid:\t0', 'Uid:\t0', '\\nUid:\t0', '\u0085Uid:\t0', '\rUid: 0 0 0'),
);

describe('the readers of /proc/PID/status', () => {
  test('whatever the name of a process, the lines of the kernel are read, and not the name', () => {
    const uid = fc.integer({ min: 0, max: 2 ** 32 - 2 });
    const property = fc.property(name, uid, uid, fc.boolean(), (comm, real, effective, isDumping) => {
      const ids = `Uid:\t${real}\t${effective}\t${effective}\t${effective}\n`;
      const text = `Name:\t${comm}\nUmask:\t0022\nState:\tS (sleeping)\n${ids}CoreDumping:\t${isDumping ? 1 : 0}\nThreads:\t1\n`;
      writeStatus(Buffer.from(text, 'latin1'));
      expect(proc.realUid(PID)).toEqual({ kind: 'read', value: real });
      expect(proc.isDumpingCore(PID)).toBe(isDumping);
    });
    expectToHold(property);
  });

  test('whatever the file holds, nothing is thrown, and the uid is a number or refused', () => {
    const near = fc.string({
      unit: fc.constantFrom('Uid:', 'CoreDumping:', '\n', '\t', ' ', '0', '1', '9', '-', '\r'),
    });
    const content = fc.oneof(fc.uint8Array({ maxLength: 20_000 }), near);
    const property = fc.property(content, (bytes) => {
      writeStatus(bytes);
      const uid = proc.realUid(PID);
      expect(uid.kind === 'refused' || (uid.kind === 'read' && !Number.isNaN(uid.value))).toBe(true);
      expect(typeof proc.isDumpingCore(PID)).toBe('boolean');
    });
    expectToHold(property);
  });
});
