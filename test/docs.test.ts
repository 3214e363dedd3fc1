import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { execaSync } from 'execa';
import { describe, expect, test } from 'vitest';
import { HOLE, literalsIn } from './support/literals.ts';
import { PROGRAM } from './support/sipwd.ts';

const help = execaSync(PROGRAM, ['--help']).stdout;
const readme = readFileSync('README.md', 'utf8');
const manual = readFileSync('man/sipwd.8', 'utf8');

const sources = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => ({ name, text: readFileSync(join('src', name), 'utf8') }));

/** What stands under a heading, up to the next of its rank. */
function section(text: string, heading: string, next: RegExp): string {
  const [, rest] = text.split(`${heading}\n`);
  if (rest === undefined) throw new Error(`there is no "${heading}"`);
  return rest.split(next, 1)[0] ?? '';
}

function all(text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].map(([, found]) => found ?? '').sort();
}

const inHelp = (heading: string) => section(help, heading, /\n\n/);
const inReadme = (heading: string) => section(readme, heading, /\n#/);
const inManual = (heading: string) => section(manual, `.Sh ${heading}`, /\n\.Sh /);

const OPTION = /(?<![\w-])(--?[a-zA-Z][a-z-]*)/g;
const firstColumn = (table: string) => all(table, /^ {2}(\S.*?)(?: {2}|$)/gm).join(' ');
const firstCells = (table: string) => all(table, /^\| (.*?) \|/gm).join(' ');
const tagsOfFlags = (list: string) => all(list, /^\.It (Fl .*)/gm).map((tag) => tag.replaceAll('Fl ', '-'));

describe('the help, the manual and the README', () => {
  test('when they describe the options, they describe the same', () => {
    const helped = all(firstColumn(inHelp('Options:')), OPTION);
    expect(helped).toContain('--term-timeout');
    expect(all(tagsOfFlags(inManual('OPTIONS')).join(' '), OPTION)).toEqual(helped);
    expect(all(firstCells(inReadme('## Usage')), OPTION)).toEqual(helped);
  });

  test('when the synopsis names the options, it names all of them', () => {
    const synopsis = inManual('SYNOPSIS').replace(/Fl (\w)(\w)\b/, 'Fl $1 Fl $2');
    const letters = all(help, /^ {2}-(\w), /gm);
    const longOnly = all(help, /^ {2}--([a-z-]+)/gm).map((name) => `-${name}`);
    expect(all(synopsis.replace('h | V', 'h Fl V'), /Fl (\S+)/g)).toEqual([...longOnly, ...letters].sort());
  });

  test('when they describe the exit statuses, they describe the same', () => {
    const helped = all(inHelp('Exit status:'), /^ {2}(\d+) /gm);
    expect(helped).toContain('75');
    expect(all(inManual('EXIT STATUS'), /^\.It (\d+)$/gm)).toEqual(helped);
    expect(all(inReadme('### Exit status'), /^\| (\d+) /gm)).toEqual(helped);
  });

  test('when they describe the environment of the log, they describe the same', () => {
    const helped = all(inHelp('Environment:'), /^ {2}(\w+) /gm);
    expect(helped).toContain('SIPLOG_BEND');
    expect(all(inManual('ENVIRONMENT'), /^\.It Ev (SIPLOG_\w+)$/gm)).toEqual(helped);
    expect(all(inReadme('### The log'), /^\| `(\w+)` /gm)).toEqual(helped);
  });
});

describe.for(['README.md', 'CONTRIBUTING.md'])('the paths in %s', (name) => {
  const text = readFileSync(name, 'utf8');

  test('when it names a file of this project, there is one', () => {
    const links = all(text, /\]\(([^)#:]+)\)/g);
    const paths = all(text, /(?<![\w./-])((?:src|test|docs|examples|man|bench)\/[\w./-]*\w)/g).filter(
      (path) => path !== 'bench/results.md',
    );
    expect(links).toContain(name === 'README.md' ? 'docs/decision.svg' : 'README.md');
    expect([...links, ...paths].filter((path) => !existsSync(path))).toEqual([]);
  });
});

describe('DIAGNOSTICS in the manual', () => {
  const words = (text: string) => text.replace(/\s+/g, ' ').trim();
  const diagnostics = words(inManual('DIAGNOSTICS').replace(/\\f[IP]/g, ''));
  const helped = words(help);
  const kinds = new Set(sources.flatMap(({ text }) => all(text, /kind: '([^']+)'/g)));

  /** Two words, or one beside what is only known at run time. */
  const PROSE = /[a-z]{2,},? (?:[a-z]|\{\})|\{\}\W* [a-z]{2,}/;
  /** What sipwd gives to a shell. */
  const SCRIPT = /^(if|exec|ulimit|trap|env) |\$\(/;
  /** Its texts are a page that explains itself; the manual has it under --dry-run. */
  const PAGES = 'dry-run/';

  const fragmentsOf = (message: string) => message.split(HOLE).map(words).filter(isWord);
  const isWord = (fragment: string) => /[a-z]{2,}/i.test(fragment);
  const missingIn = (message: string) => fragmentsOf(message).filter((each) => !diagnostics.includes(each));

  const messages = sources
    .filter(({ name }) => !name.startsWith(PAGES))
    .flatMap(({ text }) => literalsIn(text))
    .filter((literal) => PROSE.test(literal) && !SCRIPT.test(literal) && !kinds.has(literal))
    .filter((literal) => !fragmentsOf(literal).every((each) => helped.includes(each)));

  test('when src is read for messages, the known ones are among them', () => {
    expect(messages).toContain(`${HOLE} is down: ${HOLE}`);
    expect(messages).toContain(`sent ${HOLE}`);
    expect(messages).toContain('is no process');
  });

  test.for([...new Set(messages)])('when sipwd says "%s", the manual has it', (message) => {
    expect(missingIn(message.replace(/\.$/, ''))).toEqual([]);
  });

  test('when bin/sipwd finds no node, the manual has what it says', () => {
    const [said = ''] = all(readFileSync('bin/sipwd', 'utf8'), /^echo "sipwd: (.*)" >&2$/gm);
    expect(fragmentsOf(said.replace('$PATH', HOLE))).toHaveLength(2);
    expect(missingIn(said.replace('$PATH', HOLE))).toEqual([]);
  });
});
