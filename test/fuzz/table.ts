import fc from 'fast-check';
import { expect } from 'vitest';
import { readOptions } from '../../src/args/options.ts';
import { DEFAULT_SETTINGS } from '../../src/args/settings.ts';
import { type Entry, parseTable } from '../../src/args/table.ts';
import { type Case, damaged, mixed, type Outcome, repeated, target } from './target.ts';
import { quoted } from './words.ts';

/** A line of the table, and the command in it; undefined: a comment or a blank line. */
interface Row {
  readonly text: (pidfile: string) => string;
  readonly command?: string;
}

/** All that the quoting is about, and no line feed. */
const character = fc.constantFrom(...` \t'"\\$\`;&|<>*?[#~=%aä/-.`, '😀');
const argument = quoted(fc.string({ unit: character, maxLength: 10 }).map((text) => `/${text}x`));
/** May end with backslashes, too. */
const anyCommand = quoted(
  fc
    .tuple(fc.string({ unit: character, maxLength: 10 }), fc.constantFrom('', '\\', '\\\\'))
    .map(([text, end]) => `/${text}${end}`),
);
const gap = fc.constantFrom(' ', '\t', ' \\\n', '\\\n ', ' \\\r\n');

const service = fc
  .tuple(
    argument,
    argument,
    anyCommand,
    fc.option(argument, { nil: undefined, freq: 1 }),
    gap,
    fc.constantFrom('', '  '),
  )
  .map(
    ([runfile, binfile, command, force, between, before]): Row => ({
      text: (pidfile) => {
        const words = [runfile.written, binfile.written, pidfile, command.written, ...(force ? [force.written] : [])];
        return before + words.join(between);
      },
      command: command.word,
    }),
  );
const nothing = fc
  .constantFrom('', ' \t', '# a comment', '  # with a backslash \\')
  .map((text): Row => ({ text: () => text }));

const valid = fc
  .tuple(fc.array(fc.oneof(service, service, nothing), { maxLength: 6 }), fc.constantFrom('\n', '\r\n'))
  .map(([rows, end]): Case<(readonly [number, string])[]> => {
    const rendered: [number, string][] = [];
    let text = '';
    for (const [index, row] of rows.entries()) {
      if (row.command !== undefined) rendered.push([text.split('\n').length, row.command]);
      text += row.text(`/${index}.pid`) + end;
    }
    return { text, rendered };
  });
const validText = valid.map(({ text }) => text);

const junk = fc.oneof(
  fc.constantFrom(
    ' --name x ',
    ' -n ',
    '--backoff=1',
    ' --frobnicate ',
    '\n',
    '\\\n',
    '\0',
    '\ufffd',
    '"',
    "'",
    '#',
    '-',
  ),
  fc.string({ unit: character, maxLength: 5 }),
);
const twice = fc.tuple(validText, validText).map(([one, other]) => `${one}\n${other}`);
const large = repeated(fc.constantFrom('a b c d\n', 'r "b" p c \\\n', '\\', '#\n', '"', '\\\n', '-'), 50_000);

const cases = mixed<(readonly [number, string])[]>(
  valid,
  [damaged(validText, junk), twice, fc.string({ unit: fc.oneof(character, fc.constant('\n')) })],
  large,
  { valid: 40, others: 59 },
);

const parse = (text: string) => parseTable(text, DEFAULT_SETTINGS, (pidfile) => pidfile, readOptions);

function check({ text, rendered }: Case<(readonly [number, string])[]>): Outcome {
  const entries = parse(text);
  const found = entries.map((entry) => [entry.line, entry.kind === 'service' ? entry.service.command : entry]);
  if (rendered !== undefined) expect(found).toEqual(rendered);
  expectConsistent(entries, text);
  return entries.every(({ kind }) => kind === 'service') ? 'accepted' : 'refused';
}

/** Lines are in order, each has at most one entry, no two services have one pidfile, and an error says why. */
function expectConsistent(entries: readonly Entry[], text: string): void {
  const lines = entries.map(({ line }) => line);
  expect(lines).toEqual([...new Set(lines)].sort((one, other) => one - other));
  expect(lines.every((line) => line >= 1 && line <= text.split('\n').length)).toBe(true);
  const pidfiles = entries.flatMap((entry) => (entry.kind === 'service' ? [entry.service.pidfile] : []));
  expect(new Set(pidfiles).size).toBe(pidfiles.length);
  for (const entry of entries) if (entry.kind === 'bad') expect(entry.problem).toMatch(/see sipwd --help$/);
}

/** Any text as a table of services. */
export const TABLE = target('table', cases, check);
