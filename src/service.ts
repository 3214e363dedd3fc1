import { basename } from 'node:path';
import { EXIT, Failure } from './failure.ts';

/** One service, as the five positional arguments name it. */
export interface Service {
  readonly runfile: string;
  readonly binfile: string;
  readonly pidfile: string;
  readonly command: string;
  readonly forceRestartFile: string | undefined;
}

const NAMES = ['runfile', 'binfile', 'pidfile', 'command', 'force_restart_file'] as const;

/**
 * The one rule by which positional arguments are judged, with or without options beside them.
 *
 * @throws Failure (usage) for too few, too many, an empty one, one that is not UTF-8, or a binfile that names no file
 */
export function toService(positionals: readonly string[]): Service {
  const [runfile, binfile, pidfile, command, forceRestartFile, ...excess] = positionals;
  if (runfile === undefined || binfile === undefined || pidfile === undefined || command === undefined) {
    throw usage(`missing argument <${NAMES[positionals.length]}>`);
  }
  if (excess.length > 0) {
    throw usage(`${positionals.length} arguments where at most 5 are taken; is the command quoted?`);
  }
  for (const [index, value] of positionals.entries()) {
    if (value.trim() === '') throw usage(`the argument <${NAMES[index]}> is empty`);
    // The runtime has put U+FFFD for the bytes that it could not decode: it is not the name that was given.
    if (value.includes('\uFFFD')) throw usage(`the argument <${NAMES[index]}> is not valid UTF-8`);
  }
  if (['', '.', '..'].includes(basename(binfile))) throw usage('the argument <binfile> names no file');
  return { runfile, binfile, pidfile, command, forceRestartFile };
}

function usage(problem: string): Failure {
  return new Failure(EXIT.usage, `${problem}; see sipwd --help`);
}
