import fc from 'fast-check';
import { expect } from 'vitest';
import { type ProcessStat, parseStat } from '../../src/process/stat.ts';
import { anyByte, type Case, damaged, mixed, type Outcome, repeated, target } from './target.ts';

/** A process chooses its name: any byte but NUL may be in it. */
const comm = fc.string({ unit: fc.oneof(anyByte, fc.constantFrom(...'() \n\r\t0123456789SZR-')), maxLength: 15 });

/** Signed and unsigned, up to the largest integer that a number holds exactly. */
const field = fc.oneof(fc.integer(), fc.maxSafeInteger());

const valid = fc
  .record({
    pid: fc.integer({ min: 1, max: 4_194_304 }),
    comm,
    state: fc.constantFrom(...'RSDTtZXxIKWP'),
    /** fields 4 to 52; before Linux 3.5, the last one is 44 */
    fields: fc.array(field, { minLength: 41, maxLength: 49 }),
  })
  .map(({ pid, comm, state, fields }): Case<ProcessStat> => {
    const at = (number: number) => fields[number - 4] ?? 0;
    const [parent, session, flags, threads] = [at(4), at(6), at(9), at(20)];
    return {
      text: `${pid} (${comm}) ${state} ${fields.join(' ')}\n`,
      rendered: { comm, state, parent, session, flags, threads, startTime: at(22), exitSignal: at(38) },
    };
  });
const validText = valid.map(({ text }) => text);

const junk = fc.oneof(
  fc.string({ unit: fc.constantFrom(...'() \n-+9eEZ.x0'), maxLength: 5 }),
  fc.constantFrom('Infinity', 'NaN', '1e3', '0x10', '99999999999999999999', '-0', '007', '\0'),
);
const cut = fc.tuple(validText, fc.nat()).map(([text, length]) => text.slice(0, length % text.length));
const large = fc
  .tuple(fc.constantFrom('1 (a) S ', '(', '1 (', ''), repeated(fc.constantFrom('1 ', ' ', ')', '(', '9', '\0'), 8192))
  .map(([before, text]) => before + text);

const cases = mixed<ProcessStat>(valid, [damaged(validText, junk), cut, fc.string({ unit: anyByte })], large, {
  valid: 15,
  others: 34,
});

/** From the first parenthesis to the last; then the state, and at least 35 more fields. */
const LINE = /^[^(]*\((.*)\) ([^ )])((?: [^ )]*){35,})$/s;
const INTEGER = /^(?:0|-?[1-9][0-9]*)$/;

/** The rule in other words. */
function reference(text: string): ProcessStat | undefined {
  const [, name, state, rest] = LINE.exec(text) ?? [];
  if (name === undefined || state === undefined || rest === undefined) return undefined;
  const fields = rest.split(' ');
  const words = [4, 6, 9, 20, 22, 38].map((number) => fields[number - 3] ?? '');
  if (!words.every((word) => INTEGER.test(word) && Number.isSafeInteger(Number(word)))) return undefined;
  const [parent = 0, session = 0, flags = 0, threads = 0, startTime = 0, exitSignal = 0] = words.map(Number);
  return { comm: name, state, parent, session, flags, threads, startTime, exitSignal };
}

function check({ text, rendered }: Case<ProcessStat>): Outcome {
  const expected = reference(text);
  if (rendered !== undefined) expect(expected).toEqual(rendered);
  expect(parseStat(text)).toEqual(expected);
  return expected === undefined ? 'refused' : 'accepted';
}

/** Any text as /proc/PID/stat. */
export const STAT = target('stat line', cases, check);
