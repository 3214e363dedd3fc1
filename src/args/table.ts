import { Exit } from '../exit.ts';
import type { readOptions } from './options.ts';
import { readPlain } from './plain.ts';
import { type Service, toService, usage } from './service.ts';
import type { Settings } from './settings.ts';
import { wordsOf } from './words.ts';

/** One line of a table, continuation lines included: a service, or why it is none. */
export type Entry =
  | { readonly kind: 'service'; readonly line: number; readonly service: Service }
  | { readonly kind: 'bad'; readonly line: number; readonly problem: string };

type Parser = typeof readOptions;

interface Line {
  /** that of its first part, from 1 */
  readonly number: number;
  readonly text: string;
}

/**
 * Reads a table of services: a line is what one would write after `sipwd`.
 *
 * @param defaults for the options that a line does not give
 * @param identify what identifies the service of a pidfile
 * @param parser of the lines that are not plain (readPlain)
 * @returns the entries in the order of the table
 */
export function parseTable(
  text: string,
  defaults: Settings,
  identify: (pidfile: string) => string,
  parser: Parser,
): Entry[] {
  const lines = new Map<string, number>();
  return linesOf(text).map((line): Entry => {
    try {
      const service = toServiceOf(line.text, defaults, parser);
      const identity = identify(service.pidfile);
      const first = lines.get(identity);
      if (first !== undefined) throw usage(`the service of line ${first} has the same pidfile`);
      lines.set(identity, line.number);
      return { kind: 'service', line: line.number, service };
    } catch (error) {
      if (!(error instanceof Exit)) throw error;
      return { kind: 'bad', line: line.number, problem: error.message };
    }
  });
}

/** No command can be longer (execve(2), MAX_ARG_STRLEN), and far beyond it the runtimes read a word wrongly. */
const LONGEST_LINE = 128 * 1024;

/** @throws Exit (usage) */
function toServiceOf(text: string, defaults: Settings, parser: Parser): Service {
  if (text.length > LONGEST_LINE) throw usage(`the line is longer than ${LONGEST_LINE} characters`);
  const words = wordsOf(text);
  if (text.includes('\0')) throw usage('the line contains a NUL byte');
  const call = readPlain(words, defaults) ?? parser(words, defaults);
  if (call.kind !== 'run') throw usage(`${ONLY_OUTSIDE} are for the command line only`);
  return toService(call.positionals, call.settings);
}

const ONLY_OUTSIDE = 'options --table, --dry-run, --json, --help and --version';

/** The lines that are not blank and no comments; a backslash at the end of one continues it. */
function linesOf(text: string): Line[] {
  const lines: Line[] = [];
  let begun: Line | undefined;
  for (const [index, physical] of text.split('\n').entries()) {
    const part: string = physical.endsWith('\r') ? physical.slice(0, -1) : physical;
    if (begun === undefined && isEmpty(part)) continue;
    const { number, text: before }: Line = begun ?? { number: index + 1, text: '' };
    const isContinued: boolean = endsWithOpenBackslash(part);
    const line: Line = { number, text: before + (isContinued ? part.slice(0, -1) : part) };
    begun = isContinued ? line : undefined;
    if (!isContinued && !isEmpty(line.text)) lines.push(line);
  }
  return begun === undefined ? lines : [...lines, begun];
}

/** Blank, or a comment: as in a crontab, `#` begins one only at the start of a line. */
function isEmpty(text: string): boolean {
  const start = text.trimStart();
  return start === '' || start.startsWith('#');
}

/** A backslash before the last one quotes it. */
function endsWithOpenBackslash(text: string): boolean {
  let count = 0;
  while (text.at(-1 - count) === '\\') count++;
  return count % 2 === 1;
}
