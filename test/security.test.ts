import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Event } from '../src/log/messages.ts';
import { tagsFor } from './support/manual.ts';
import { SAMPLES, sample } from './support/messages.ts';

const EVENTS = Object.keys(SAMPLES) as Event[];

/** The rows of the table: who, what, result, message, tests. */
const ROWS = readFileSync('SECURITY.md', 'utf8')
  .split('## Who can do what\n', 2)[1]
  ?.split('\n## ', 1)[0]
  ?.split('\n')
  .filter((line) => line.startsWith('|'))
  .slice(2)
  .map((line) => line.split('|').map((cell) => cell.trim()))
  .map(([, who = '', what = '', , message = '', tests = '']) => ({
    row: `${who} ${what}`,
    quoted: [...message.matchAll(/`(.*?)`/g)].map(([, text = '']) => text),
    files: tests.split(', '),
  }));

const WHO = [
  'root',
  'service user',
  'other local user',
  'writer of the pidfile',
  'its directory',
  'log',
  'environment',
];

test('when the table of attacks is read, no kind of attacker is missing', () => {
  const rows = ROWS?.map(({ row }) => row) ?? [];
  expect(WHO.filter((who) => !rows.some((row) => row.includes(who)))).toEqual([]);
});

describe.for(ROWS ?? [])('the row: $row', ({ quoted, files }) => {
  test('when it names tests, they exist', () => {
    expect(files.filter((file) => !/^test\/.*\.ts$/.test(file) || !existsSync(file))).toEqual([]);
  });

  test('when it quotes a message, sipwd has that message, and one of the tests expects it', () => {
    const source = files.map((file) => readFileSync(file, 'utf8')).join('');
    for (const text of quoted) {
      const events = EVENTS.filter((event) => tagsFor(sample(event).text, [text]).length > 0);
      expect(events, text).not.toEqual([]);
      expect(
        events.filter((event) => new RegExp(`\\b${event}\\b`).test(source)),
        text,
      ).not.toEqual([]);
    }
  });
});
