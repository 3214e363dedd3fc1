import { readFileSync } from 'node:fs';
import { execaSync } from 'execa';
import { describe, expect, test } from 'vitest';
import manifest from '../package.json' with { type: 'json' };
import { readOptions } from '../src/args/options.ts';
import { toService } from '../src/args/service.ts';
import { DEFAULT_SETTINGS } from '../src/args/settings.ts';
import { parseTable } from '../src/args/table.ts';
import type { Event } from '../src/log/messages.ts';
import * as reasons from '../src/log/reasons.ts';
import { isInstalled } from './support/caller.ts';
import { temporaryFolder } from './support/folder.ts';
import { allTags, itemsOf, tagsBelow, tagsFor, VALUE } from './support/manual.ts';
import { ANY, SAMPLES, sample } from './support/messages.ts';
import { PROGRAM } from './support/sipwd.ts';

/** Depends on the machine, not on the manual. */
const ABOUT_THE_MACHINE = /referenced manual not found|outdated mandoc\.db/;

test.skipIf(!isInstalled('mandoc'))('when mandoc checks the manual, it reports no problem (needs mandoc)', () => {
  const { all } = execaSync('mandoc', ['-T', 'lint', '-W', 'all', ...manifest.man], { all: true, reject: false });
  expect(all.split('\n').filter((line) => line !== '' && !ABOUT_THE_MACHINE.test(line))).toEqual([]);
});

test('when the checkout is installed, the manual is where man(1) looks for it', () => {
  const prefix = temporaryFolder();
  execaSync('npm', ['install', '-g', '--prefix', prefix, '--offline', '--ignore-scripts', '--no-audit', '.']);
  expect(readFileSync(`${prefix}/share/man/man8/sipwd.8`, 'utf8')).toBe(readFileSync('man/sipwd.8', 'utf8'));
});

describe('the manual and the help', () => {
  const help = execaSync(PROGRAM, ['--help']).stdout.replaceAll(/\n {6,}/g, ' ');
  const rowsOf = (heading: string) =>
    [...(help.split(`${heading}:\n`)[1]?.split('\n\n')[0] ?? '').matchAll(/^ {2}(\S.*?) {2,}(.*)$/gm)].map(
      ([, name = '', text = '']) => [name, text.replaceAll(/\s+/g, ' ')] as const,
    );
  const options = rowsOf('Options');
  const described = itemsOf('OPTIONS');
  const defaultIn = (text: string, pattern: RegExp) => pattern.exec(text)?.[1];

  test('when the help lists options, the manual lists the same, with their arguments', () => {
    expect(options.length).toBeGreaterThan(8);
    expect([...described.keys()].toSorted()).toEqual(options.map(([flags]) => flags).toSorted());
  });

  test.for(options)('when the help describes %s, the manual gives the same default, or none', ([flags, text]) => {
    const shown = defaultIn(described.get(flags) ?? '', /Default: (.*?)\.$/);
    expect(shown).toBe(defaultIn(text, /\(default: (.*)\)$/));
  });

  test('when the help lists exit statuses, the manual has the same words', () => {
    expect([...itemsOf('EXIT STATUS')]).toEqual(rowsOf('Exit status'));
    expect(rowsOf('Exit status').map(([status]) => status)).toContain('75');
  });
});

const LISTS = {
  debug: 'Debug messages',
  info: 'Information',
  warn: 'Warnings',
  error: 'Errors',
  fatal: 'Errors',
} as const;

const USAGE = 'Usage errors';
const EARLY = 'Before the log is open';

/** Every reason, with samples for its values. */
const reasonTexts = Object.values(reasons).flatMap((group) =>
  Object.values(group).flatMap((reason) => {
    const word: (...values: never[]) => string | Readonly<Record<string, string>> = reason;
    const text = word(...Array<never>(word.length).fill(ANY as never));
    return typeof text === 'string' ? [text] : Object.values(text);
  }),
);

describe('DIAGNOSTICS', () => {
  const events = Object.keys(SAMPLES) as Event[];

  test.for(events)('when sipwd logs the event %s, the manual lists the message below its level', (event) => {
    const { level, text } = sample(event);
    expect(tagsFor(text, tagsBelow(LISTS[level]))).toHaveLength(1);
  });

  test.for(reasonTexts)('when a message contains the reason "%s", the manual lists it', (text) => {
    expect(tagsFor(text, allTags())).toHaveLength(1);
  });

  test('when the manual lists a message, sipwd has it', () => {
    const texts = [...events.map((event) => sample(event).text), ...reasonTexts];
    const known = new Set([
      ...texts.flatMap((text) => tagsFor(text, allTags())),
      ...tagsBelow(USAGE),
      ...tagsBelow(EARLY),
    ]);
    expect(allTags().filter((tag) => !known.has(tag))).toEqual([]);
  });

  test('when bin/sipwd cannot run, the manual lists what it says', () => {
    const launcher = readFileSync('bin/sipwd', 'utf8');
    const said = [...launcher.matchAll(/"sipwd: (.*?)" >&2|`sipwd: (.*?)\\n`/g)].map(([, shell, script = '']) =>
      (shell ?? script).replace('$PATH', VALUE).replace(/\$\{.*\}/, VALUE),
    );
    expect(said.toSorted()).toEqual(tagsBelow(EARLY).toSorted());
  });
});

describe('the usage errors', () => {
  const given = (...args: string[]) => toService(args, DEFAULT_SETTINGS);
  const bad = (table: string) => {
    const entry = parseTable(table, DEFAULT_SETTINGS, (pidfile) => pidfile, readOptions).at(-1);
    throw new Error(entry?.kind === 'bad' ? entry.problem : 'this table has no error');
  };
  const calls = [
    () => given('run'),
    () => given('run', 'bin', 'pid', 'cmd', 'force', 'more'),
    () => given('run', 'bin', 'pid', ' '),
    () => given('run', 'bin', 'pid', '\uFFFD'),
    () => given('run', '/', 'pid', 'cmd'),
    () => readOptions(['--name', '']),
    () => readOptions(['--on-event', '\uFFFD']),
    () => readOptions(['--json']),
    () => readOptions(['--table', 'file', 'run']),
    () => bad('-n run bin pid cmd'),
    () => bad('a a same a\nb b same b'),
    () => bad("'a"),
    () => bad('a\0'),
    () => bad('a'.repeat(200_000)),
    () => readOptions(['--backoff', '60', '--no-memory']),
    () => readOptions(['--frobnicate']),
    () => readOptions(['--term-timeout']),
    () => readOptions(['--term-timeout', 'x']),
  ];

  /** The manual's tag for the error that a call throws. */
  function tagOf(call: () => unknown): string | undefined {
    try {
      call();
    } catch (error) {
      const problem = String(error instanceof Error ? error.message : error).replace(/; see sipwd --help$/, '');
      return tagsBelow(USAGE).find((tag) => matches(problem, tag));
    }
    throw new Error('this call is no usage error');
  }

  test('when a call has a usage error, the manual lists its message, and lists no others', () => {
    expect(calls.map(tagOf).toSorted()).toEqual(tagsBelow(USAGE).toSorted());
  });
});

function matches(text: string, tag: string): boolean {
  const pattern = tag.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&').replaceAll(VALUE, '.+');
  return new RegExp(`^${pattern}$`).test(text);
}
