import fc from 'fast-check';
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
    ['a mark that turns the direction', 'a\u202eb', 'a\\u{202e}b'],
    ['a tag beyond the basic plane', '\u{e0041}', '\\u{e0041}'],
    ['half a pair of surrogates', 'a\ud83db', 'a\\u{d83d}b'],
  ])('when there is %s, it is shown so that a terminal takes it for text', (_, text, shown) => {
    expect(printable(text)).toBe(shown);
  });

  test('whatever there is, the result is one line of text without anything invisible', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(printable(text)).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u);
        expect(printable(printable(text))).toBe(printable(text));
      }),
    );
  });
});

describe('excerpt', () => {
  test('when the text is short, it is quoted whole', () => {
    expect(excerpt('sshd')).toBe('"sshd"');
    expect(excerpt('x'.repeat(40))).toBe(`"${'x'.repeat(40)}"`);
  });

  test('when it is longer, its beginning stands for it', () => {
    expect(excerpt('x'.repeat(41))).toBe(`"${'x'.repeat(40)}\u2026"`);
    expect(excerpt('abcdef', 3)).toBe('"abc\u2026"');
  });

  test('when it holds control characters, they are escaped and still count as one', () => {
    expect(excerpt('\n\n\n\n', 3)).toBe('"\\n\\n\\n\u2026"');
  });
});
