import { usage } from './service.ts';

/** A part of a word: plain, in single quotes, in double quotes, after a backslash; or blanks; or what cannot be one. */
const PART = /([^ \t'"\\]+)|'([^']*)'|"((?:[^"\\]|\\.)*)"|\\(.)|([ \t]+)|./gsu;

/** Within double quotes, a backslash quotes these only. */
const QUOTED = /\\([$`"\\])/g;

/**
 * Splits a line into words, with the quoting of the shell (POSIX.1, Shell Command Language, 2.2) and without its
 * expansions: of every other character, `$`, `*` or `;` for example, nothing is made.
 *
 * @throws Exit (usage) when a quotation mark is not closed; a backslash at the end counts as one
 */
export function wordsOf(line: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  for (const [all, plain, single, double, escaped, blanks] of line.matchAll(PART)) {
    const part = plain ?? single ?? double?.replace(QUOTED, '$1') ?? escaped;
    if (part !== undefined) word = (word ?? '') + part;
    else if (blanks === undefined) throw usage(`the quotation mark ${all} is not closed`);
    else if (word !== undefined) {
      words.push(word);
      word = undefined;
    }
  }
  return word === undefined ? words : [...words, word];
}
