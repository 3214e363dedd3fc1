import { spawnSync } from 'node:child_process';
import { writeSync } from 'node:fs';

/** A syslog daemon that does not read its socket must not stop the work. */
const SYSLOG_TIMEOUT_MS = 2000;

/** pino's levels as the severities of syslog(3). */
const SEVERITIES: Readonly<Record<number, string>> = { 20: 'debug', 30: 'info', 40: 'warning', 50: 'err', 60: 'crit' };

/** @returns whether all of the line was written, which is one write(2) */
export function toStderr(line: string): boolean {
  return written(2, line);
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
 * The log never stops the work: whatever goes wrong costs the message and nothing else.
 *
 * @returns whether all of the line was written, which is one write(2)
 */
export function written(descriptor: number, line: string): boolean {
  const bytes = Buffer.from(line);
  try {
    return writeSync(descriptor, bytes) === bytes.length;
  } catch {
    return false;
  }
}
