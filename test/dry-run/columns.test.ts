import { expect, test } from 'vitest';
import { columns, cut, widthOf } from '../../src/dry-run/columns.ts';

test('when cells have wide characters, joined emoji or combining accents, the next column is aligned all the same', () => {
  const names = ['日本語', '👩‍👩‍👧', 'e\u0301te\u0301', 'plain', ''];
  const lines = columns(
    names.map((name) => [name, 'next']),
    (cell) => cell,
  );
  expect(lines.map((line) => widthOf(line.slice(0, -'next'.length)))).toEqual(names.map(() => '日本語'.length * 2 + 2));
});

test('when a text is as wide as it may be, it stays; when it is wider, it is cut between two characters', () => {
  expect([cut('日本語', 6), cut('日本語', 5), cut('日本語', 4)]).toEqual(['日本語', '日本…', '日…']);
  expect(cut('ab👩‍👩‍👧cd', 4)).toBe('ab…');
});
