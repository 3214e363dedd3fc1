import type { Call } from './options.ts';
import { toMilliseconds } from './seconds.ts';
import type { Settings } from './settings.ts';
import { isUtf8 } from './utf8.ts';

/**
 * Reads the usual command line of a crontab, or line of a table: options with a value, in two words. A healthy check
 * need not load the option parser for it, which takes longer than the check.
 *
 * @param defaults for the options that are not given
 * @returns undefined for anything else, usage errors included
 */
export function readPlain(args: readonly string[], defaults: Settings): Call | undefined {
  const positionals: string[] = [];
  let settings = defaults;
  let table: string | undefined;
  for (let index = 0; index < args.length; index++) {
    const word = args[index] ?? '';
    if (!word.startsWith('-')) {
      positionals.push(word);
      continue;
    }
    index++;
    const value = args[index];
    if (value === undefined || value.trim() === '' || value.startsWith('-')) return undefined;
    const changes = changesFor(word, value, settings);
    if (changes === undefined) return undefined;
    if (word === '--table') table = value;
    settings = { ...settings, ...changes };
  }
  if (settings.backoff > 0 && settings.snapshot === 'none') return undefined;
  if (table === undefined) return { kind: 'run', positionals, settings };
  return positionals.length > 0 ? undefined : { kind: 'table', table, settings };
}

function changesFor(option: string, value: string, { timeouts }: Settings): Partial<Settings> | undefined {
  switch (option) {
    case '--name':
      return { name: value };
    case '--table':
      return isUtf8(value) ? {} : undefined;
    case '--on-event':
      return isUtf8(value) ? { onEvent: value } : undefined;
    case '--metrics-dir':
      return isUtf8(value) ? { metricsDir: value } : undefined;
  }
  const ms = toMilliseconds(value);
  if (ms === undefined) return undefined;
  switch (option) {
    case '--backoff':
      return { backoff: ms };
    case '--term-timeout':
      return { timeouts: { ...timeouts, term: ms } };
    case '--abort-timeout':
      return { timeouts: { ...timeouts, abort: ms } };
    case '--core-timeout':
      return { timeouts: { ...timeouts, core: ms } };
    case '--start-timeout':
      return { timeouts: { ...timeouts, start: ms } };
    default:
      return undefined;
  }
}
