import fc from 'fast-check';
import { expect } from 'vitest';
import { wordsOf } from '../../src/args/words.ts';
import { EXIT, Exit } from '../../src/exit.ts';
import { type Case, damaged, mixed, type Outcome, repeated, target } from './target.ts';

const character = fc.oneof(
  fc.constantFrom(...` \t'"\\$\`;&|<>*?[#~=%aä/-.\n\r\0`, '\ud800', '😀'),
  fc.integer({ min: 0, max: 0xff }).map((code) => String.fromCharCode(code)),
);
const anyWord = fc.string({ unit: character, maxLength: 12 });

/** A word as somebody may write it: in single quotes, in double quotes, or with backslashes. */
export function quoted(word: fc.Arbitrary<string>): fc.Arbitrary<{ readonly written: string; readonly word: string }> {
  const style = fc.constantFrom<(text: string) => string>(
    (text) => `'${text.replaceAll("'", `'"'"'`)}'`,
    (text) => `"${text.replaceAll(/["$`\\]/g, '\\$&')}"`,
    (text) => (text === '' ? "''" : text.replaceAll(/./gsu, '\\$&')),
    (text) => (/^[\w/.-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`),
  );
  return fc.tuple(word, style).map(([text, write]) => ({ written: write(text), word: text }));
}

const blanks = fc.constantFrom(' ', '\t', '  ', ' \t ');

const valid = fc
  .tuple(fc.array(fc.tuple(quoted(anyWord), blanks), { maxLength: 6 }), fc.constantFrom('', ' '))
  .map(([words, before]): Case<string[]> => {
    const text = before + words.map(([{ written }, after]) => written + after).join('');
    return { text, rendered: words.map(([{ word }]) => word) };
  });

const large = repeated(fc.constantFrom('"', "'", '\\', 'a', '"a" ', '\\\\', "'\"'", ' \t'), 128 * 1024);

const cases = mixed<string[]>(
  valid,
  [
    damaged(
      valid.map(({ text }) => text),
      anyWord,
    ),
    fc.string({ unit: character }),
  ],
  large,
  { valid: 30, others: 69 },
);

/** The rule in other words: one character after another; undefined: a quotation mark is not closed. */
function reference(line: string): string[] | undefined {
  const words: string[] = [];
  let word: string | undefined;
  let quote = '';
  const characters = [...line];
  for (let at = 0; at < characters.length; at++) {
    const here = characters[at] ?? '';
    const next = characters[at + 1];
    if (here === quote) quote = '';
    else if (quote === "'") word += here;
    else if (here === '\\' && next === undefined) return undefined;
    else if (here === '\\') {
      word = (word ?? '') + (quote === '' || '$`"\\'.includes(next ?? '') ? next : here + next);
      at++;
    } else if (quote === '' && (here === '"' || here === "'")) {
      quote = here;
      word ??= '';
    } else if (quote === '' && (here === ' ' || here === '\t')) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else word = (word ?? '') + here;
  }
  if (quote !== '') return undefined;
  return word === undefined ? words : [...words, word];
}

function check({ text, rendered }: Case<string[]>): Outcome {
  const expected = reference(text);
  if (rendered !== undefined) expect(expected).toEqual(rendered);
  const parsed = parse(text);
  if (expected !== undefined) expect(parsed).toEqual(expected);
  else expect(parsed instanceof Exit && parsed.status).toBe(EXIT.usage);
  return expected === undefined ? 'refused' : 'accepted';
}

/** The words, or the error; anything else that is thrown is a failure. */
function parse(text: string): string[] | Exit {
  try {
    return wordsOf(text);
  } catch (error) {
    if (error instanceof Exit) return error;
    throw error;
  }
}

/** Any text as a line of a table. */
export const WORDS = target('line of a table', cases, check);
