/** Where a literal has an expression, which can stand for anything. */
export const HOLE = '{}';

/** A slash behind one of these begins a regular expression, not a division. */
const BEFORE_REGEX = /[(,=:?!&|{};[]\s*$|\breturn\s*$/;

/**
 * The string and template literals of a source, in their order, with HOLE for each expression in them. It knows what
 * is needed of the language, and fails on a source that it reads to the end of without the end of a literal.
 */
export function literalsIn(source: string): string[] {
  const literals: string[] = [];
  let at = 0;

  /** Reads up to the brace that closes an expression, or to the end. */
  const readCode = (): void => {
    for (let depth = 0; at < source.length; at++) {
      const rest = source.slice(at, at + 2);
      if (rest === '//') at = source.indexOf('\n', at);
      else if (rest === '/*') at = source.indexOf('*/', at) + 1;
      else if (rest[0] === '/' && BEFORE_REGEX.test(source.slice(Math.max(0, at - 20), at))) readRegex();
      else if (rest[0] === "'" || rest[0] === '"') literals.push(readQuoted(rest[0]));
      else if (rest[0] === '`') literals.push(readQuoted('`'));
      else if (rest[0] === '{') depth++;
      else if (rest[0] === '}' && depth-- === 0) return;
    }
  };

  /** Leaves `at` on the closing quote. */
  const readQuoted = (quote: string): string => {
    let text = '';
    for (at++; source[at] !== quote; at++) {
      if (at >= source.length) throw new Error(`there is no end to the literal ${text}`);
      if (source[at] === '\\') text += source[++at];
      else if (quote === '`' && source.startsWith('${', at)) {
        at += 2;
        readCode();
        text += HOLE;
      } else text += source[at];
    }
    return text;
  };

  const readRegex = (): void => {
    let isInClass = false;
    for (at++; source[at] !== '/' || isInClass; at++) {
      if (at >= source.length) throw new Error('there is no end to a regular expression');
      if (source[at] === '\\') at++;
      else if (source[at] === '[') isInClass = true;
      else if (source[at] === ']') isInClass = false;
    }
  };

  readCode();
  return literals;
}
