import { runTool } from './tool.ts';

/** A syslog daemon that does not read its socket must not stop the work. */
const TIMEOUT_MS = 2000;

/** pino's levels as the severities of syslog(3). */
const SEVERITIES: Readonly<Record<number, string>> = { 20: 'debug', 30: 'info', 40: 'warning', 50: 'err', 60: 'crit' };

/** @returns whether the local syslog took the message */
export async function toSyslog(level: number, message: string): Promise<boolean> {
  const priority = `daemon.${SEVERITIES[level] ?? 'notice'}`;
  // By default logger(1) says nothing of a socket that is missing or that nobody reads.
  const options = ['--socket-errors=on', `--id=${process.pid}`, '--tag', 'sipwd', '--priority', priority];
  const { status } = await runTool('logger', [...options, '--', message], { timeout: TIMEOUT_MS });
  return status === 0;
}
