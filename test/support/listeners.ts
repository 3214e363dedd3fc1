import { execaSync } from 'execa';
import type { Question } from './ask.ts';

/** A socket on which a server waits, and the processes that have it open. */
export interface Listener {
  readonly address: string;
  readonly pids: readonly number[];
}

/** The sockets that wait on a port, as ss(8) of the package iproute2 lists them: one row for each socket. */
export function listenersOn(port: number, { over }: Pick<Question, 'over'>): Listener[] {
  const { stdout } = execaSync('ss', ['-Hlnp', over === 'tcp' ? '-t' : '-u', `sport = :${port}`]);
  return stdout
    .split('\n')
    .filter(Boolean)
    .map((row) => ({
      address: row.trim().split(/\s+/)[3] ?? '',
      pids: [...row.matchAll(/pid=(\d+)/g)].map(([, pid]) => Number(pid)).sort((one, other) => one - other),
    }));
}
