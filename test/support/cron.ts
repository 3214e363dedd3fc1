import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { locate } from './daemons.ts';
import { commOf, isAlive, start } from './process.ts';

/** cron reads its tables and starts its jobs at the beginning of a minute. */
export const TWO_MINUTES = 120_000;

/** Whether a test may wait for cron, and why not. */
export const MAY_TAKE_LONG = process.env.CI === 'true' || process.env.SIPWD_CRON === '1';
export const NEEDS_TIME = 'CI=true or SIPWD_CRON=1';

export const HAS_CRON = locate('cron') !== undefined;

/** A command whose output goes to one file, and its status and the PID of the job's cron to another. */
export function recorded(command: string, said: string, ran: string): string {
  return `${command} >>${said} 2>&1; echo $? $PPID >>${ran}`;
}

/** The jobs that have ended, in their order. */
export function jobsIn(ran: string): { readonly status: number; readonly pid: number }[] {
  if (!existsSync(ran)) return [];
  const lines = readFileSync(ran, 'utf8').split('\n').slice(0, -1);
  return lines.map((line) => {
    const [status = -1, pid = 0] = line.split(' ').map(Number);
    return { status, pid };
  });
}

/** A table of cron with the name of a temporary directory. */
export function tableOfCron(directory: string): string {
  return `/etc/cron.d/sipwd-test-${basename(directory).replace(/\W/g, '-')}`;
}

/** Starts cron, unless it runs. */
export function startCron(): void {
  if (!isRunning()) start('cron', ['-f']);
}

function isRunning(): boolean {
  return readdirSync('/proc').some((name) => commOf(Number(name)) === 'cron' && isAlive(Number(name)));
}
