import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { execaSync } from 'execa';
import { describe, expect, test } from 'vitest';
import { PROGRAM } from './support/sipwd.ts';

const README_LINES = 130;

const read = (name: string) => readFileSync(name, 'utf8');
const help = execaSync(PROGRAM, ['--help']).stdout;
const manual = read('man/sipwd.8');

const documents = [
  ...['README.md', 'SECURITY.md', 'CONTRIBUTING.md', 'CHANGELOG.md'],
  ...readdirSync('docs')
    .filter((name) => name.endsWith('.md'))
    .map((name) => join('docs', name)),
];

/** What is below a heading, to the next one. */
function section(text: string, heading: string, next: RegExp): string {
  const [, rest] = text.split(`${heading}\n`);
  if (rest === undefined) throw new Error(`there is no "${heading}"`);
  return rest.split(next, 1)[0] ?? '';
}

function all(text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].map(([, found]) => found ?? '').sort();
}

const inHelp = (heading: string) => section(help, heading, /\n\n/);
const inManual = (heading: string) => section(manual, `.Sh ${heading}`, /\n\.Sh /);
const inDocument = (name: string, heading: string) => section(read(name), heading, /\n#/);

const OPTION = /(?<![\w-])(--?[a-zA-Z][a-z-]*)/g;

/** The anchor that a heading gets on the project's page. */
function anchorOf(heading: string): string {
  const words = heading.toLowerCase().replaceAll(/[^\w\- ]/g, '');
  return words.trim().replaceAll(' ', '-');
}

describe('the help, the manual and the documents', () => {
  test('when they describe the options, they describe the same', () => {
    const helped = all(all(inHelp('Options:'), /^ {2}(\S.*?)(?: {2}|$)/gm).join(' '), OPTION);
    expect(helped).toContain('--term-timeout');
    const tags = all(inManual('OPTIONS'), /^\.It (Fl .*)/gm).map((tag) => tag.replaceAll('Fl ', '-'));
    expect(all(tags.join(' '), OPTION)).toEqual(helped);
  });

  test('when the synopsis names the options, it names all of them', () => {
    const synopsis = inManual('SYNOPSIS')
      .replace(/Fl (\w)(\w)\b/, 'Fl $1 Fl $2')
      .replace('h | V', 'h Fl V');
    const letters = all(help, /^ {2}-(\w), /gm);
    const longOnly = all(help, /^ {2}--([a-z-]+)/gm).map((name) => `-${name}`);
    expect(all(synopsis, /Fl (\S+)/g)).toEqual([...longOnly, ...letters].sort());
  });

  test('when the README describes the exit statuses, it does so in the words of the help', () => {
    const statusesIn = (text: string, row: RegExp) =>
      [...text.matchAll(row)].map(([, status, meaning = '']) => `${status} ${meaning.replaceAll(/\s+/g, ' ').trim()}`);
    const helped = statusesIn(inHelp('Exit status:'), /^ {2}(\d+) +(.*(?:\n {6}.*)*)/gm);
    expect(helped).toContain('75 another sipwd is working on this service');
    expect(statusesIn(inDocument('README.md', '## Exit status'), /^\| (\d+) +\| (.*?) +\|$/gm)).toEqual(helped);
  });

  test('when the manual describes the exit statuses, none is missing', () => {
    const helped = all(inHelp('Exit status:'), /^ {2}(\d+) /gm);
    expect(helped).toContain('75');
    expect(all(inManual('EXIT STATUS'), /^\.It (\d+)$/gm)).toEqual(helped);
  });

  test('when they describe the environment of the log, they describe the same', () => {
    const helped = all(inHelp('Environment:'), /^ {2}(\w+) /gm);
    expect(helped).toContain('SIPLOG_BEND');
    expect(all(inManual('ENVIRONMENT'), /^\.It Ev (SIPLOG_\w+)$/gm)).toEqual(helped);
    expect(all(inDocument('docs/operations.md', '## The log'), /^\| `(\w+)` /gm)).toEqual(helped);
  });
});

describe('the README', () => {
  test(`when it grows, it stays a front page of at most ${README_LINES} lines`, () => {
    expect(read('README.md').trimEnd().split('\n').length).toBeLessThanOrEqual(README_LINES);
  });

  test.for(['npm ci && npm run demo', 'npm ci && npm test'])(
    'when it shows "%s", it is a line of its own',
    (command) => {
      expect(read('README.md').split('\n')).toContain(`    ${command}`);
    },
  );
});

describe.for(documents)('the links of %s', (name) => {
  const text = read(name);
  const links = all(text, /\]\(([^)]+)\)/g).filter((link) => !link.includes(':'));

  test('when it links to a file, the file exists', () => {
    const paths = links.map((link) => join(dirname(name), link.split('#', 1)[0] ?? '')).filter((path) => path !== '.');
    expect(paths.filter((path) => !existsSync(path))).toEqual([]);
  });

  test('when it links to a heading, the heading exists', () => {
    const missing = links.filter((link) => {
      const [file = '', anchor] = link.split('#');
      if (anchor === undefined) return false;
      const target = read(file === '' ? name : join(dirname(name), file));
      return !all(target, /^#+ (.*)$/gm)
        .map(anchorOf)
        .includes(anchor);
    });
    expect(missing).toEqual([]);
  });

  test('when it names a file of the source or of the tests, the file exists', () => {
    const paths = all(text, /(?<![\w./-])((?:src|test|docs|examples|man|bench)\/[\w./-]*\w)/g);
    expect(paths.filter((path) => !existsSync(path))).toEqual([]);
  });
});
