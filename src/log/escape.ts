/** Control characters, line and paragraph separators, marks that turn the direction of text, and lone surrogates. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** One line of printable text, whatever a path, a command or a file holds: `\n`, `\x1b`, `\u{202e}` for the rest. */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, (character) => SHORT[character] ?? escapeCode(character.codePointAt(0) ?? 0));
}

/** The same, shortened to show what it is about: at most `most` characters before the ellipsis. */
export function excerpt(text: string, most = 40): string {
  const shown = text.length > most ? `${text.slice(0, most)}…` : text;
  return `"${printable(shown)}"`;
}

function escapeCode(code: number): string {
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`;
}
