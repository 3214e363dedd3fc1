import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EXIT, Exit } from '../../src/exit.ts';
import { parsePids } from '../../src/files/pidfile.ts';
import { anyText, expectToHold } from '../support/seed.ts';

const LOWEST = 2;
const HIGHEST = 4_194_304;

const anyPid = fc.oneof(fc.integer({ min: LOWEST, max: HIGHEST }), fc.constantFrom(LOWEST, 3, HIGHEST - 1, HIGHEST));
const space = fc.constantFrom(' ', '\t', '\n', '\r', '\r\n', '\v', '\f');
const spaces = fc.array(space, { minLength: 1, maxLength: 4 }).map((parts) => parts.join(''));
const zeros = fc.integer({ min: 0, max: 30 }).map((count) => '0'.repeat(count));

/** A PID as a daemon may write it, after white space. */
const word = fc.tuple(spaces, zeros, anyPid);

/** One byte, one character: so the file is read. */
const anyBytes = fc.string({ unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)) });

/** Close to a pidfile: most random text has no digit in it. */
const nearlyPids = fc.string({ unit: fc.constantFrom(...'0123456789 \n\r\t\0-+.eExX\u00a0\u00b2'), maxLength: 12 });

function problemWith(text: string): unknown {
  try {
    parsePids(text, 'svc.pid');
    return undefined;
  } catch (error) {
    return error;
  }
}

/** The rule, written in another way than in the parser: words between white space, all digits, each in the range. */
function isAllowed(text: string): boolean {
  const words = [...text.matchAll(/[^ \t\n\v\f\r]+/g)].map(([found]) => found);
  return words.every((found) => [...found].every((digit) => digit >= '0' && digit <= '9') && isInRange(BigInt(found)));
}

function isInRange(pid: bigint): boolean {
  return pid >= BigInt(LOWEST) && pid <= BigInt(HIGHEST);
}

describe('parsePids', () => {
  test('when a file holds PIDs between white space, each is returned once, in the order of the file', () => {
    const property = fc.property(fc.array(word), fc.option(spaces, { nil: '' }), (words, end) => {
      const text = words.map(([before, leading, pid]) => `${before}${leading}${pid}`).join('') + end;
      const pids = words.map(([, , pid]) => pid);
      expect(parsePids(text, 'svc.pid')).toEqual([...new Set(pids)]);
    });
    expectToHold(property);
  });

  test('whatever a file holds, it is read if the rule allows it, and refused with exit status 2 if not', () => {
    const property = fc.property(fc.oneof(anyBytes, nearlyPids), (text) => {
      const problem = problemWith(text);
      expect(problem === undefined).toBe(isAllowed(text));
      if (problem === undefined) return;
      expect(problem instanceof Exit && problem.status).toBe(EXIT.badPidfile);
    });
    expectToHold(property);
  });

  test('when one of many words is not a PID, the message names the file, the line and the word, in one short line', () => {
    const bad = fc.oneof(
      fc.constantFrom('0', '00', '1', '+5', '-5', '5.0', '1e3', '0x10', '4194305', '٣', 'ab', '12a', '\u00a0'),
      fc
        .tuple(anyText, fc.integer({ min: 1, max: 100 }))
        .map(([text, count]) => text.repeat(count))
        .filter((text) => /^[^ \t\n\v\f\r]*[^\d \t\n\v\f\r]+$/.test(text)),
    );
    const property = fc.property(fc.array(word), bad, fc.array(word), (before, wrong, after) => {
      const join = (words: typeof before) => words.map(([gap, leading, pid]) => `${gap}${leading}${pid}`).join('');
      const line = `${join(before)}\n`.split('\n').length;
      const problem = problemWith(`${join(before)}\n${wrong}${join(after)}`);
      const message = problem instanceof Error ? problem.message : '';
      expect(message).toContain(`pidfile svc.pid: line ${line} holds "`);
      expect(message).not.toMatch(/[\p{Cc}\p{Cs}]/u);
      expect(message.length).toBeLessThan(600);
    });
    expectToHold(property);
  });
});
