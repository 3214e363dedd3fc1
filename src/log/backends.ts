import { spawnSync } from 'node:child_process';
import { writeSync } from 'node:fs';
import { stateProblem } from './reasons.ts';

/** A syslog daemon that does not read its socket must not stop the work. */
const SYSLOG_TIMEOUT_MS = 2000;

/** pino's levels as the severities of syslog(3). */
const SEVERITIES: Readonly<Record<number, string>> = { 20: 'debug', 30: 'info', 40: 'warning', 50: 'err', 60: 'crit' };

/** The log never stops the work: whatever goes wrong costs the message and nothing else. */
export function toStderr(line: string): void {
  try {
    writeLine(2, line);
  } catch {
    // Nothing is left to write to.
  }
}

/** @returns whether the local syslog took the message */
export function toSyslog(level: number, message: string): boolean {
  const priority = `daemon.${SEVERITIES[level] ?? 'notice'}`;
  // By default logger(1) says nothing of a socket that is missing or that nobody reads.
  const options = ['--socket-errors=on', `--id=${process.pid}`, '--tag', 'sipwd', '--priority', priority];
  const { status } = spawnSync('logger', [...options, '--', message], {
    stdio: 'ignore',
    timeout: SYSLOG_TIMEOUT_MS,
    killSignal: 'SIGKILL',
    cwd: '/',
  });
  return status === 0;
}

/**
 * Writes a line with one write(2).
 *
 * @throws Error unless all of it was written
 */
export function writeLine(descriptor: number, line: string): void {
  const bytes = Buffer.from(line);
  if (writeSync(descriptor, bytes) !== bytes.length) throw new Error(stateProblem.shortWrite());
}
