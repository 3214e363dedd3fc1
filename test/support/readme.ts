import { readFileSync } from 'node:fs';

/** The code blocks of a document in a language; '' for blocks without a language. */
export function blocksIn(text: string, language: string): string[] {
  const all = [...text.matchAll(/^```(\w*)\n(.*?)^```$/gms)];
  return all.flatMap(([, name, code = '']) => (name === language ? code : []));
}

/** The page of a dry run that a document shows. */
export function exampleIn(document: string): string {
  const pages = blocksIn(readFileSync(document, 'utf8'), '').filter((block) => block.includes('\nplan: '));
  if (pages.length !== 1) throw new Error(`${document} shows ${pages.length} pages of a dry run`);
  return pages[0] ?? '';
}

/** The words of a page of a dry run, without PIDs, users, times, and the width of the columns. */
export function withoutValues(page: string): string {
  return page
    .replaceAll(/\n {4,}/g, '  ')
    .replaceAll(/ {2,}/g, '  ')
    .replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/g, 'TIME')
    .replaceAll(/\b\d+(?:ms|s|m|h|d)(?: \d+(?:ms|s|m|h|d))?\b/g, 'AGE')
    .replaceAll(/owner \d+:\d+/g, 'OWNER')
    .replaceAll(/^pidfile {2}main {2}\d+ {2}running {2}\d+/gm, 'pidfile  main  PID  running  UID');
}
