import { expect } from 'vitest';
import { sipwd } from './sipwd.ts';

/** The lines of the page that a dry run prints. */
export async function pageOf(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<string[]> {
  const { stdout, stderr } = await sipwd(['-n', ...args], { env });
  expect(stderr).toBe('');
  return stdout.split('\n');
}

/** The cells of the table, split at the columns of its heading. */
export function tableIn(page: readonly string[]): Record<string, string>[] {
  const head = page.findIndex((line) => line.startsWith('BELONGS BY '));
  expect(head).toBeGreaterThanOrEqual(0);
  const titles = [...(page[head]?.matchAll(/\S+(?: \S+)* */g) ?? [])];
  const lines = page.slice(head + 1, page.indexOf('', head));
  return lines.map((line) =>
    Object.fromEntries(
      titles.map(({ 0: title, index }) => {
        const isLast = index + title.length === page[head]?.length;
        // A column begins after a gap, wherever its cells end.
        if (index > 0) expect(line.slice(index - 2, index)).toBe('  ');
        return [title.trim(), line.slice(index, isLast ? undefined : index + title.length).trim()];
      }),
    ),
  );
}
