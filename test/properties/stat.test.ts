import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseStat } from '../../src/process/stat.ts';
import { anyText, expectToHold } from '../support/seed.ts';

/** A process chooses its name: any byte but NUL may be in it. */
const anyByte = fc.integer({ min: 1, max: 255 }).map((code) => String.fromCharCode(code));
const confusing = fc.constantFrom(...'() \n\r\t0123456789SZR-');
const comm = fc.string({ unit: fc.oneof(anyByte, confusing), maxLength: 15 });

/** Signed and unsigned, up to the largest integer that a number holds exactly. */
const field = fc.oneof(fc.integer(), fc.maxSafeInteger());

const line = fc.record({
  pid: fc.integer({ min: 1, max: 4_194_304 }),
  comm,
  state: fc.constantFrom(...'RSDTtZXxIKWP'),
  /** fields 4 to 52; before Linux 3.5, the last one is 44 */
  fields: fc.array(field, { minLength: 41, maxLength: 49 }),
});

describe('parseStat', () => {
  test('whatever the name of a process, the fields after it are read correctly', () => {
    const property = fc.property(line, ({ pid, comm, state, fields }) => {
      const at = (number: number) => fields[number - 4];
      expect(parseStat(`${pid} (${comm}) ${state} ${fields.join(' ')}\n`)).toEqual({
        comm,
        state,
        parent: at(4),
        session: at(6),
        flags: at(9),
        threads: at(20),
        startTime: at(22),
        exitSignal: at(38),
      });
    });
    expectToHold(property);
  });

  test('whatever the text, it never throws, and returns numbers or nothing', () => {
    const junk = fc.string({ unit: fc.constantFrom(...'() \n-9eZ.'), maxLength: 5 });
    const near = fc.tuple(line, fc.nat(300), fc.nat(5), junk).map(([{ pid, comm, state, fields }, at, left, put]) => {
      const text = `${pid} (${comm}) ${state} ${fields.join(' ')}\n`;
      return text.slice(0, at) + put + text.slice(at + left);
    });
    const property = fc.property(fc.oneof(anyText, near), (text) => {
      const stat = parseStat(text);
      if (stat === undefined) return;
      for (const value of [stat.parent, stat.flags, stat.threads, stat.startTime, stat.exitSignal]) {
        expect(Number.isNaN(value)).toBe(false);
      }
    });
    expectToHold(property);
  });

  test('when a line ends before its 38th field, it is refused', () => {
    const property = fc.property(line, fc.integer({ min: 0, max: 37 - 3 }), ({ pid, comm, state, fields }, left) => {
      const cut = `${pid} (${comm}) ${[state, ...fields].slice(0, left).join(' ')}`;
      expect(parseStat(cut)).toBeUndefined();
    });
    expectToHold(property);
  });
});
