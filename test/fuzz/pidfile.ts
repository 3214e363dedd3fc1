import fc from 'fast-check';
import { expect } from 'vitest';
import { EXIT, Exit } from '../../src/exit.ts';
import { parsePids } from '../../src/files/pidfile.ts';
import { excerpt } from '../../src/log/escape.ts';
import { messages } from '../../src/log/messages.ts';
import { problem } from '../../src/log/reasons.ts';
import { anyByte, type Case, damaged, mixed, type Outcome, repeated, target } from './target.ts';

const LOWEST = 2;
const HIGHEST = 4_194_304;
const PATH = 'svc.pid';

/** The largest pidfile that is read. */
const MOST_BYTES = 64 * 1024;

const anyPid = fc.oneof(fc.integer({ min: LOWEST, max: HIGHEST }), fc.constantFrom(LOWEST, 3, HIGHEST - 1, HIGHEST));
const space = fc.constantFrom(' ', '\t', '\n', '\r', '\r\n', '\v', '\f');
const spaces = fc.array(space, { minLength: 1, maxLength: 4 }).map((parts) => parts.join(''));
const zeros = fc.integer({ min: 0, max: 30 }).map((count) => '0'.repeat(count));

/** PIDs as daemons write them. */
const valid = fc
  .tuple(fc.array(fc.tuple(spaces, zeros, anyPid)), fc.option(spaces, { nil: '' }))
  .map(([words, end]): Case<number[]> => {
    const text = words.map(([before, leading, pid]) => `${before}${leading}${pid}`).join('') + end;
    return { text, rendered: [...new Set(words.map(([, , pid]) => pid))] };
  });

const wrongWord = fc.constantFrom(
  '0',
  '00',
  '1',
  '+5',
  '-5',
  '5.0',
  '1e3',
  '0x10',
  '4194305',
  'ab',
  '12a',
  '\xa0',
  '\0',
);
const nearlyPids = fc.string({ unit: fc.constantFrom(...'0123456789 \n\r\t\0-+.eExX\u00a0\u00b2'), maxLength: 12 });
const large = repeated(fc.constantFrom('42 ', '0', '9', '\n', 'x', '\0', '00042\r\n', '4194304\t'), MOST_BYTES);

const cases = mixed<number[]>(
  valid,
  [
    damaged(
      valid.map(({ text }) => text),
      fc.oneof(wrongWord, fc.string({ unit: anyByte, maxLength: 5 })),
    ),
    nearlyPids,
    fc.string({ unit: anyByte }),
  ],
  large,
  { valid: 15, others: 34 },
);

/** The rule in other words: the first word that is not a PID, with its line; or the PIDs. */
function reference(text: string): number[] | { readonly line: number; readonly word: string } {
  const words = text.split('\n').flatMap((line, index) =>
    line
      .split(/[ \t\r\v\f]+/)
      .filter(Boolean)
      .map((word) => ({ line: index + 1, word })),
  );
  const wrong = words.find(({ word }) => !/^0*[1-9][0-9]{0,6}$/.test(word) || !isInRange(BigInt(word)));
  return wrong ?? [...new Set(words.map(({ word }) => Number.parseInt(word, 10)))];
}

function isInRange(pid: bigint): boolean {
  return pid >= BigInt(LOWEST) && pid <= BigInt(HIGHEST);
}

/** The PIDs, or the error; anything else that is thrown is a failure. */
function parse(text: string, isPublic: boolean): number[] | Exit {
  try {
    return parsePids(text, PATH, isPublic);
  } catch (error) {
    if (error instanceof Exit) return error;
    throw error;
  }
}

function check({ text, rendered }: Case<number[]>): Outcome {
  const expected = reference(text);
  const parsed = parse(text, true);
  if (rendered !== undefined) expect(expected).toEqual(rendered);
  if (Array.isArray(expected)) {
    expect(parsed).toEqual(expected);
    return 'accepted';
  }
  const { line, word } = expected;
  // The file may be UTF-8; the message shows the word, in one short line, only if every user can read the file.
  const shown = problem.notAPid(line, excerpt(Buffer.from(word, 'latin1').toString()), LOWEST, HIGHEST);
  expectRefused(parsed, shown);
  expectRefused(parse(text, false), problem.notShown(line, LOWEST, HIGHEST));
  return 'refused';
}

function expectRefused(parsed: number[] | Exit, what: string): void {
  if (!(parsed instanceof Exit)) throw new Error(`it was accepted, although ${what}`);
  expect(parsed.status).toBe(EXIT.badPidfile);
  expect(parsed.reason).toEqual(messages.badPidfile(PATH, what));
  expect(parsed.message).not.toMatch(/[\p{Cc}\p{Cs}]/u);
  expect(parsed.message.length).toBeLessThan(600);
}

/** Any text as a pidfile. */
export const PIDFILE = target('pidfile', cases, check);
