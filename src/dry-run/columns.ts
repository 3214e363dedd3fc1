import truncatedWidth from 'fast-string-truncated-width';

const GAP = '  ';
const ELLIPSIS = '…';

/** The columns that a text takes on a terminal: a Chinese character takes two, an accent that is added to a letter none. */
export function widthOf(text: string): number {
  return truncatedWidth(text).width;
}

/** Fills a text with blanks up to a width. */
export function padded(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - widthOf(text)));
}

/** A text that takes at most so many columns; one that was cut ends with an ellipsis. */
export function cut(text: string, most: number): string {
  const { index, ellipsed } = truncatedWidth(text, { limit: most, ellipsis: ELLIPSIS });
  return ellipsed ? `${text.slice(0, index)}${ELLIPSIS}` : text;
}

/**
 * The lines of a table whose columns are aligned.
 *
 * @param rows the first one is the head
 * @param style changes how a padded cell looks, not its width; the number of a row counts from the head, 0
 */
export function columns(
  rows: readonly (readonly string[])[],
  style: (cell: string, column: number, row: number) => string,
): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => widthOf(row[column] ?? ''))));
  return rows.map((row, index) =>
    row
      .map((cell, column) => {
        const isLast = column === row.length - 1;
        return style(isLast ? cell : padded(cell, widths[column] ?? 0), column, index);
      })
      .join(GAP),
  );
}
