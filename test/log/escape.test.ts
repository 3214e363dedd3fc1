import { describe, expect, test } from 'vitest';
import { excerpt, printable } from '../../src/log/escape.ts';

describe('printable', () => {
  test.each([
    ['plain text', '/usr/sbin/svc -d', '/usr/sbin/svc -d'],
    ['text of other scripts', 'größe \u65e5\u672c \u{1f600}', 'größe \u65e5\u672c \u{1f600}'],
    ['a line feed, a return and a tab', 'a\nb\rc\td', 'a\\nb\\rc\\td'],
    ['an escape sequence of a terminal', '\x1b[2Jx\x07', '\\x1b[2Jx\\x07'],
    ['NUL and DEL', '\0\x7f', '\\x00\\x7f'],
    ['a control character of the upper half', '\u009b2J', '\\x9b2J'],
    ['line and paragraph separators', '\u2028\u2029', '\\u{2028}\\u{2029}'],
    ['a mark that changes the direction of text', 'a\u202eb', 'a\\u{202e}b'],
    ['a tag beyond the basic plane', '\u{e0041}', '\\u{e0041}'],
    ['a lone surrogate', 'a\ud83db', 'a\\u{d83d}b'],
  ])('when the text contains %s, the result is printable', (_, text, shown) => {
    expect(printable(text)).toBe(shown);
  });
});

describe('excerpt', () => {
  test('when the text is short, the whole text is quoted', () => {
    expect(excerpt('sshd')).toBe('"sshd"');
    expect(excerpt('x'.repeat(40))).toBe(`"${'x'.repeat(40)}"`);
  });

  test('when the text is long, its beginning is quoted', () => {
    expect(excerpt('x'.repeat(41))).toBe(`"${'x'.repeat(40)}\u2026"`);
    expect(excerpt('abcdef', 3)).toBe('"abc\u2026"');
  });

  test('when the text contains control characters, they are escaped, and each counts as one', () => {
    expect(excerpt('\n\n\n\n', 3)).toBe('"\\n\\n\\n\u2026"');
  });
});
