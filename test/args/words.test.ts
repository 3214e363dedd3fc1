import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { wordsOf } from '../../src/args/words.ts';
import { usageError } from '../support/usage.ts';

describe('a line', () => {
  test.each([
    ['is blank', ' \t ', []],
    ['has plain words', ' a\tb  c ', ['a', 'b', 'c']],
    ['has single quotes', `'a "b" \\c' d`, ['a "b" \\c', 'd']],
    ['has double quotes', `"a 'b'" "\\$x \\\`y\\\` \\"z\\" \\\\"`, [`a 'b'`, '$x `y` "z" \\']],
    ['has a backslash in double quotes before another character', '"a\\b"', ['a\\b']],
    ['has a backslash before a blank or a quotation mark', `a\\ b \\' \\" \\\\`, ['a b', "'", '"', '\\']],
    ['has empty words', `'' "" ''""`, ['', '', '']],
    ['has words of several parts', `a'b c'"d e"f''g`, ['ab cd efg']],
    ['has what a shell expands', '$HOME * `ls` {a,b} ~ $(id)', ['$HOME', '*', '`ls`', '{a,b}', '~', '$(id)']],
    ['has operators', 'a;b & c|d >e #f', ['a;b', '&', 'c|d', '>e', '#f']],
  ])('when it %s, its words are those of the shell, without expansions', (_, line, words) => {
    expect(wordsOf(line)).toEqual(words);
  });

  test.each([
    [`a 'b`, "the quotation mark ' is not closed"],
    ['a "b', 'the quotation mark " is not closed'],
    ['a "b\\"', 'the quotation mark " is not closed'],
    ['a b\\', 'the quotation mark \\ is not closed'],
  ])('when it is %s, it is a usage error', (line, problem) => {
    expect(usageError(() => wordsOf(line))).toBe(problem);
  });

  test('when random words are quoted in random ways, they are what the shell makes of them', () => {
    const plain = fc.string({ unit: fc.constantFrom('a', 'ä', '/', '-', '=', '.'), minLength: 1 });
    const any = fc.string({ unit: fc.constantFrom(...` \t'"\\$\`;&|<>*?[#~aä`), minLength: 1 });
    const quoted = fc.oneof(
      plain,
      any.map((text) => `'${text.replaceAll("'", '')}'`),
      any.map((text) => `"${text.replaceAll(/["$`\\]/g, '\\$&')}"`),
      any.map((text) => text.replaceAll(/./gsu, '\\$&')),
    );
    const word = fc.array(quoted, { minLength: 1, maxLength: 4 }).map((parts) => parts.join(''));
    const line = fc.array(word, { minLength: 1, maxLength: 6 }).map((words) => words.join(' \t'));
    fc.assert(
      fc.property(fc.array(line, { minLength: 20, maxLength: 20 }), (lines) => {
        const script = lines.map((each) => `printf '%s\\0' ${each}; printf '\\1'`).join('\n');
        const shells = execFileSync('/bin/sh', { input: script, encoding: 'utf8' }).split('\x01').slice(0, -1);
        expect(
          lines.map((each) =>
            wordsOf(each)
              .map((text) => `${text}\0`)
              .join(''),
          ),
        ).toEqual(shells);
      }),
      { numRuns: 50 },
    );
  });
});
