import { resolve } from 'node:path';
import { execa } from 'execa';

/** The PATH of cron. */
const PATH = '/usr/bin:/bin';

/** What --on-event puts into the environment of its command. */
const EVENT = {
  SIPWD_EVENT: 'restarted',
  SIPWD_NAME: 'kamailio',
  SIPWD_BINFILE: '/usr/sbin/kamailio',
  SIPWD_PIDFILE: '/run/kamailio/kamailio.pid',
  SIPWD_MESSAGE: 'forced restart: requested by /run/kamailio.force',
  SIPWD_STATUS: '0',
};

/** The path of an example. */
export function hookOf(name: string): string {
  return resolve('examples/sbin', name);
}

/** Runs a hook as --on-event does; `changes` replace or add variables of its environment. */
export async function runHook(name: string, args: readonly string[], changes: Readonly<Record<string, string>> = {}) {
  const env = { PATH, ...EVENT, ...changes };
  const options = { env, extendEnv: false, all: true, reject: false, stdin: 'ignore' } as const;
  const { exitCode, all } = await execa(hookOf(name), args, options);
  return { status: exitCode, said: all };
}
