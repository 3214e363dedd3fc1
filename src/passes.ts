import pLimit from 'p-limit';
import type { Service } from './args/service.ts';
import type { Settings } from './args/settings.ts';
import { type Entry, parseTable } from './args/table.ts';
import { EXIT, type ExitStatus } from './exit.ts';
import { identifyingPath, realDirectory } from './files/state-dir.ts';
import { readTable } from './files/table-file.ts';
import type { Journal } from './log/log.ts';
import { messages } from './log/messages.ts';
import { pass } from './pass.ts';
import { SharedProcfs } from './process/shared-procfs.ts';
import type { Context } from './service/context.ts';
import { Scanner } from './service/scan.ts';

/** A check seldom waits; those that do must not hold the memory of ten thousand. */
const CHECKS_AT_ONCE = 256;

const REPAIRS_AT_ONCE = 16;

/**
 * One pass over each service of a table: all are checked, and those that need it are repaired, at most 16 at a time.
 *
 * @returns 0 if all are 0, else the status of the first bad line or service in the order of the table
 * @throws Exit (usage) when the table cannot be read, or is not trusted
 */
export async function passes(table: string, defaults: Settings, journal: Journal): Promise<ExitStatus> {
  const entries = readEntries(table, defaults);
  const context = sharedContext();
  const checks = pLimit(CHECKS_AT_ONCE);
  const repairs = pLimit(REPAIRS_AT_ONCE);
  const passOver = (service: Service): Promise<ExitStatus> =>
    new Promise((resolve) => {
      checks(
        () =>
          // A repair lets the next check begin.
          new Promise<void>((release) => {
            const log = journal.about(service.name);
            const turn = <T>(repair: () => Promise<T>) => {
              release();
              return repairs(repair);
            };
            const done = pass(service, { ...context, log, turn });
            done.then(resolve).then(release);
          }),
      );
    });
  const statuses = entries.map((entry) =>
    entry.kind === 'service' ? passOver(entry.service) : sayBad(entry, table, journal),
  );
  const ended = await Promise.all(statuses);
  return ended.find((status) => status !== EXIT.ok) ?? EXIT.ok;
}

/** @throws Exit (usage) */
export function readEntries(path: string, defaults: Settings): Entry[] {
  const directories = new Map<string, string>();
  const real = (directory: string) => {
    const known = directories.get(directory) ?? realDirectory(directory);
    directories.set(directory, known);
    return known;
  };
  return parseTable(readTable(path), defaults, (pidfile) => identifyingPath(pidfile, real));
}

export function sharedContext(): Omit<Context, 'log' | 'turn'> {
  const proc = new SharedProcfs();
  const scanner = new Scanner(proc);
  return { proc, environment: process.env, scan: () => scanner.scan() };
}

export function sayBad({ line, problem }: Extract<Entry, { kind: 'bad' }>, path: string, journal: Journal): ExitStatus {
  journal.about().say(messages.badLine(path, line, problem));
  return EXIT.usage;
}
