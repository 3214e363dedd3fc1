import { readFileSync } from 'node:fs';
import { localTime } from '../../src/log/local-time.ts';
import { ANY, MOMENT, NUMBER } from './messages.ts';

const manual = readFileSync('man/sipwd.8', 'utf8');

/** Stands for a value that a message has at run time. */
export const VALUE = '…';

/** The source of a section of the manual. */
export function sectionOf(heading: string): string {
  return below(manual, `.Sh ${heading}`, '\n.Sh ');
}

/** The tags of a part of DIAGNOSTICS: messages, with VALUE for what is in italics. */
export function tagsBelow(subheading: string): string[] {
  return tagsIn(below(sectionOf('DIAGNOSTICS'), `.Ss ${subheading}`, '\n.Ss '));
}

/** All tags of DIAGNOSTICS. */
export function allTags(): string[] {
  return tagsIn(sectionOf('DIAGNOSTICS'));
}

/** The items of a list, as plain text: the tag, then the description. */
export function itemsOf(heading: string): Map<string, string> {
  const [list = ''] = sectionOf(heading).split('\n.El\n', 1);
  const [, ...items] = list.split('\n.It ');
  return new Map(
    items.map((item) => {
      const [tag = '', ...lines] = item.split('\n');
      return [plain(tag), plain(lines.map((line) => line.replace(/^\./, '')).join(' '))];
    }),
  );
}

/** The tags that say what the sample of a text says, with VALUE for each of its values. */
export function tagsFor(text: string, tags: readonly string[]): string[] {
  const words = text
    .replaceAll(localTime(MOMENT), ANY)
    .replaceAll(String(NUMBER), ANY)
    .replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&');
  const pattern = new RegExp(`^${words.replaceAll(ANY, `(?:${VALUE}|[^${VALUE}]+)`)}$`);
  return tags.filter((tag) => pattern.test(tag));
}

function below(text: string, heading: string, end: string): string {
  const [, rest] = text.split(`${heading}\n`);
  if (rest === undefined) throw new Error(`the manual has no "${heading}"`);
  return rest.split(end, 1)[0] ?? '';
}

function tagsIn(text: string): string[] {
  return [...text.matchAll(/^\.It Sy "(.*)"$/gm)].map(([, tag = '']) => tag.replaceAll(/\\fI.*?\\fP/g, VALUE));
}

/** The words without their macros; `<name>` for an argument, as in the help. */
function plain(text: string): string {
  return text
    .replaceAll(/\bFl (\S+)/g, '-$1')
    .replaceAll(/\bAr (\S+)/g, '<$1>')
    .replaceAll(/\bNm\b/g, 'sipwd')
    .replaceAll(/\b(?:Pa|Ev|Pp) ?/g, '')
    .replaceAll(/ ([.,:])(?= |$)/g, '$1')
    .replaceAll(/\s+/g, ' ')
    .trim();
}
