import { describe, expect, test } from 'vitest';
import { readOptions } from '../../src/args/options.ts';
import { DEFAULT_SETTINGS, type Settings } from '../../src/args/settings.ts';
import { parseTable } from '../../src/args/table.ts';

const parse = (text: string, defaults: Settings = DEFAULT_SETTINGS) =>
  parseTable(text, defaults, (pidfile) => pidfile, readOptions);

/** The line of each entry, and the command of a service or the problem of a bad line. */
const summary = (text: string) =>
  parse(text).map((entry) => [entry.line, entry.kind === 'service' ? entry.service.command : entry.problem]);

describe('a table', () => {
  test('when it has no lines, or only comments and blank ones, it has no services', () => {
    expect(parse('')).toEqual([]);
    expect(parse('# a b p c\n\n \t\n  # d\r\n')).toEqual([]);
  });

  test('when a line has arguments, it is the service of a command line', () => {
    expect(parse('/r /b/svc /p "svc start" /f\n')).toMatchObject([
      {
        kind: 'service',
        line: 1,
        service: { name: 'svc', runfile: '/r', command: 'svc start', forceRestartFile: '/f' },
      },
    ]);
  });

  test('when a # is inside a line, it begins no comment', () => {
    expect(summary('r b p c#1')).toEqual([[1, 'c#1']]);
  });

  test('when a line ends with a backslash, the next one continues it, and errors name its first line', () => {
    expect(summary('\nr b p \\\n c\nr b q \\\n')).toEqual([
      [2, 'c'],
      [4, 'missing argument <command>; see sipwd --help'],
    ]);
  });

  test('when the last line is continued and there is no other, it ends there', () => {
    expect(summary('r b p c\nr b q d\\')).toEqual([
      [1, 'c'],
      [2, 'd'],
    ]);
  });

  test('when a line is continued by a # or by a blank line, that is no comment, and ends it', () => {
    expect(summary('r b p \\\n#c\nr b q d')).toEqual([
      [1, '#c'],
      [3, 'd'],
    ]);
    expect(summary('r b p c\\\n\nr b q d')).toEqual([
      [1, 'c'],
      [3, 'd'],
    ]);
  });

  test('when a line ends with two backslashes, the second is quoted, and nothing is continued', () => {
    expect(summary('r b p c\\\\\nr b q d')).toEqual([
      [1, 'c\\'],
      [2, 'd'],
    ]);
  });

  test('when a comment ends with a backslash, the next line is no comment', () => {
    expect(summary('# c \\\nr b p c')).toEqual([[2, 'c']]);
  });

  test('when lines end with CR and LF, the CR belongs to no word', () => {
    expect(summary('r b p c\r\nr b q \\\r\nd\r\n')).toEqual([
      [1, 'c'],
      [2, 'd'],
    ]);
  });

  test('when a line has options, they are its own, and those of the command line are for the others', () => {
    const timeouts = { ...DEFAULT_SETTINGS.timeouts, term: 1000, start: 0 };
    const defaults = { ...DEFAULT_SETTINGS, timeouts, exitIfDown: true, backoff: 60_000 };
    const entries = parse('--term-timeout 2 --name x r b p c\nr b q c', defaults);
    expect(entries).toMatchObject([
      { service: { name: 'x', settings: { ...defaults, name: 'x', timeouts: { ...timeouts, term: 2000 } } } },
      { service: { name: 'b', settings: defaults } },
    ]);
  });

  test.each(['none', 'read'] as const)('when the snapshot setting is %s, a line with options keeps it', (snapshot) => {
    const entries = parse('--name x r b p c', { ...DEFAULT_SETTINGS, snapshot });
    expect(entries).toMatchObject([{ service: { settings: { snapshot } } }]);
  });

  test.each(['-n', '--json -n', '--help', '--version', '--table x'])('when a line has %s, it is bad', (option) => {
    expect(summary(`${option} r b p c`)).toEqual([
      [1, expect.stringMatching(/^options --table.*only; see|^with --table/)],
    ]);
  });

  test('when a line is bad, the others are services all the same', () => {
    expect(summary("r b p c\n'r b q c\nr b s d")).toEqual([
      [1, 'c'],
      [2, "the quotation mark ' is not closed; see sipwd --help"],
      [3, 'd'],
    ]);
  });

  test('when two lines have the same pidfile, the second is bad', () => {
    const entries = parseTable('r b /x/p c\nr b /y/p d', DEFAULT_SETTINGS, () => '/z/p', readOptions);
    expect(entries).toMatchObject([
      { kind: 'service' },
      { kind: 'bad', line: 2, problem: 'the service of line 1 has the same pidfile; see sipwd --help' },
    ]);
  });

  test('when a line is as long as a command may be, it is a service; when it is longer, it is bad', () => {
    const line = 'r b p "'.padEnd(128 * 1024 - 1, 'c');
    expect(parse(`${line}"`)).toMatchObject([{ kind: 'service', service: { command: line.slice(7) } }]);
    const problem = 'the line is longer than 131072 characters; see sipwd --help';
    expect(summary(`${line}c"\nr b q d`)).toEqual([
      [1, problem],
      [2, 'd'],
    ]);
    expect(summary('r b p "'.padEnd(10_000_000, 'c'))).toEqual([[1, problem]]);
  });

  test('when a line contains a NUL byte, it is bad', () => {
    expect(summary('r b p "c\0d"')).toEqual([[1, 'the line contains a NUL byte; see sipwd --help']]);
  });
});
