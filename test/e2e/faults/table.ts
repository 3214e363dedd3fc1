import type { Event } from '../../../src/log/messages.ts';

/** What sipwd finds. */
export type Scene =
  | 'a healthy service'
  | 'a healthy service with a snapshot'
  | 'a process that matches by a symbolic link'
  | 'a process that matches by argv[0]'
  | 'a service with one process left'
  | 'a service with one process left, which ignores SIGTERM'
  | 'a service that is down, with a child of another program'
  | 'a start that is not confirmed'
  | 'a forced restart';

/** The file that a fault hits. */
export type Aim =
  | ('node' | 'program' | 'late part')
  | ('runfile' | 'binfile' | 'pidfile' | 'descriptors' | 'force-restart file' | 'procfs' | 'self' | 'exe' | 'stat')
  | ('status' | 'cmdline' | "stranger's cmdline" | "stranger's exe" | 'children' | 'own limits' | 'boot ID' | 'uptime')
  | ('snapshot' | 'temporary snapshot' | 'state directory' | 'lock' | 'locks' | 'shell')
  | ('flock' | 'grep' | 'head')
  | ('stderr' | 'logfile');

export type Outcome =
  | 'nothing is signalled or started'
  | 'what is left is stopped, and nothing is started'
  | 'the service is started';

/**
 * The fault is `call:errno` or `call:errno:number of the call`, with a plus in front for calls of threads and children as
 * well, and a plus behind the number for all calls that follow. `call:delay` makes the call wait longer than any run may.
 * With an aim, only calls with its path count. The log must contain the text.
 */
type Row = [what: string, fault: string, aim: Aim | undefined, text?: string];

/** Faults with one result. */
export interface Group {
  /** where the runtimes differ: the program that makes such calls, or ends in this way */
  readonly only?: 'bin/sipwd' | 'standalone';
  readonly scene: Scene;
  readonly status: number;
  readonly outcome: Outcome;
  /** what the run logs; undefined: it cannot log, and its one line contains the text of the row */
  readonly events: readonly Event[] | undefined;
  readonly rows: readonly Row[];
}
