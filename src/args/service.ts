import { basename } from 'node:path';
import { EXIT, Exit } from '../exit.ts';
import { excerpt } from '../log/escape.ts';
import { messages } from '../log/messages.ts';
import type { Settings } from './settings.ts';
import { isUtf8 } from './utf8.ts';

/** One service, as the command line describes it. */
export interface Service {
  readonly name: string;
  readonly runfile: string;
  readonly binfile: string;
  readonly pidfile: string;
  readonly command: string;
  readonly forceRestartFile: string | undefined;
  readonly settings: Settings;
}

const ARGUMENTS = ['runfile', 'binfile', 'pidfile', 'command', 'force_restart_file'] as const;

/**
 * The service that positional arguments and settings describe.
 *
 * @throws Exit (usage) for too few, too many, an empty one, one that is not UTF-8, a force-restart file without a slash,
 * or a binfile that names no file
 */
export function toService(positionals: readonly string[], settings: Settings): Service {
  const [runfile, binfile, pidfile, command, forceRestartFile, ...excess] = positionals;
  if (runfile === undefined || binfile === undefined || pidfile === undefined || command === undefined) {
    throw usage(`missing argument <${ARGUMENTS[positionals.length]}>`);
  }
  if (excess.length > 0) throw usage(`too many arguments (${positionals.length}, at most 5); is the command quoted?`);
  for (const [index, value] of positionals.entries()) {
    if (value.trim() === '') throw usage(`argument <${ARGUMENTS[index]}> is empty`);
    if (!isUtf8(value)) throw usage(`argument <${ARGUMENTS[index]}> is not valid UTF-8`);
  }
  if (forceRestartFile?.includes('/') === false) {
    throw usage(`argument <force_restart_file> has no slash: ${excerpt(forceRestartFile)}; is the command quoted?`);
  }
  if (['', '.', '..'].includes(basename(binfile))) throw usage('argument <binfile> does not name a file');
  const name = settings.name ?? basename(binfile);
  return { name, runfile, binfile, pidfile, command, forceRestartFile, settings };
}

/** A usage error, for the caller to throw. */
export function usage(problem: string): Exit {
  return new Exit(EXIT.usage, messages.usage(problem));
}
