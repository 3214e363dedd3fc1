const GAP = '  ';

/**
 * The lines of a table whose columns are aligned.
 *
 * @param rows the first one is the head
 * @param style changes how a padded cell looks, not its width; the number of a row counts from the head, 0
 */
export function columns(
  rows: readonly (readonly string[])[],
  style: (padded: string, column: number, row: number) => string,
): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row, index) =>
    row
      .map((cell, column) => {
        const padded = column === row.length - 1 ? cell : cell.padEnd(widths[column] ?? 0);
        return style(padded, column, index);
      })
      .join(GAP),
  );
}
