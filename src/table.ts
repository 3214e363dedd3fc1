import type { Settings } from './args/settings.ts';
import { type Entry, parseTable } from './args/table.ts';
import { EXIT, type ExitStatus } from './exit.ts';
import { sharedDirectories } from './files/shared-directories.ts';
import { identifyingPath } from './files/state-dir.ts';
import { readTable } from './files/table-file.ts';
import type { Journal } from './log/log.ts';
import { messages } from './log/messages.ts';
import { SharedProcfs } from './process/shared-procfs.ts';
import type { Context } from './service/context.ts';
import { Scanner } from './service/scan.ts';

/** So many services of a table are repaired, or described in a dry run, at the same time. */
export const SERVICES_AT_ONCE = 16;

class ParserNeeded extends Error {}

/** Most tables need none, and to load it takes longer than to read a hundred lines. */
function noParser(): never {
  throw new ParserNeeded();
}

/**
 * Reads a table of services.
 *
 * @param defaults for the options that a line does not give
 * @returns the entries in the order of the table
 * @throws Exit (usage) when it cannot be read, or is not trusted
 */
export async function readEntries(path: string, defaults: Settings): Promise<Entry[]> {
  const { real } = sharedDirectories();
  const text = readTable(path);
  const identify = (pidfile: string) => identifyingPath(pidfile, real);
  try {
    return parseTable(text, defaults, identify, noParser);
  } catch (error) {
    if (!(error instanceof ParserNeeded)) throw error;
  }
  const { readOptions } = await import('./args/options.ts');
  return parseTable(text, defaults, identify, readOptions);
}

/** What all services of a table have in common. */
export function sharedContext(): Omit<Context, 'log' | 'turn'> {
  const proc = new SharedProcfs();
  const scanner = new Scanner(proc);
  return { proc, directories: sharedDirectories(), environment: process.env, scan: () => scanner.scan() };
}

/** Logs why a line is no service. */
export function sayBad({ line, problem }: Extract<Entry, { kind: 'bad' }>, path: string, journal: Journal): ExitStatus {
  journal.about().say(messages.badLine(path, line, problem));
  return EXIT.usage;
}

/** The exit status of a table: that of the first service or bad line, in its order, that is not 0. */
export function statusOfAll(statuses: readonly ExitStatus[]): ExitStatus {
  return statuses.find((status) => status !== EXIT.ok) ?? EXIT.ok;
}
