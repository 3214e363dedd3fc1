import { closeSync, constants, openSync } from 'node:fs';
import { writeLine } from '../log/backends.ts';
import type { Write } from '../log/log.ts';
import { problem } from '../log/reasons.ts';
import { type LogEnvironment, openSiplog } from '../log/siplog.ts';
import { toSyslog } from '../process/syslog.ts';
import { reasonOf } from './errno.ts';
import { foreignLink, walk } from './symlinks.ts';

/** A FIFO that nobody reads must not block, a terminal must not become ours. */
const APPEND = constants.O_WRONLY | constants.O_APPEND | constants.O_NONBLOCK | constants.O_NOCTTY;
const CREATE = APPEND | constants.O_CREAT | constants.O_NOFOLLOW;
const MODE = 0o644;

/** Opens the log that the environment asks for. Writing to it never throws. */
export function openLog(environment: LogEnvironment): Write {
  return openSiplog(environment, { append, toSyslog });
}

/** @returns why not all of the line was appended; undefined when it was */
function append(path: string, line: string): string | undefined {
  try {
    const descriptor = open(path);
    try {
      writeLine(descriptor, line);
    } finally {
      // Here, too, a quota or a file server can refuse what was written (close(2)).
      closeSync(descriptor);
    }
    return undefined;
  } catch (error) {
    return reasonOf(error);
  }
}

/** @throws Error also when a link of another user leads to it: root must not write to a file of that user's choice */
function open(path: string): number {
  const { descriptor, links, missing } = walk(path);
  try {
    const foreign = foreignLink(links);
    if (foreign !== undefined) throw new Error(problem.foreignLink(foreign.path, foreign.uid));
    const place = `/proc/self/fd/${descriptor}`;
    return missing === undefined ? openSync(place, APPEND) : openSync(`${place}/${missing}`, CREATE, MODE);
  } finally {
    closeSync(descriptor);
  }
}
