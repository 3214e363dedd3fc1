import { DEFAULT_SETTINGS, type Settings } from '../../src/args/settings.ts';
import { type Action, decide, type SignalAction } from '../../src/decide.ts';
import type { ForceFile } from '../../src/files/force-file.ts';
import type { Lock } from '../../src/files/lock.ts';
import { identityOf, type Pidfile } from '../../src/files/pidfile.ts';
import { messages } from '../../src/log/messages.ts';
import { because, distrust, problem } from '../../src/log/reasons.ts';
import type { Gone, ProcessId, Running, Unknown } from '../../src/process/match.ts';
import { toHealth } from '../../src/service/health.ts';
import type { Observation, Progress } from '../../src/service/observation.ts';

export const running = (pid: number): Running => ({ kind: 'running', pid, startTime: 1, threads: 1, evidence: 'exe' });
export const gone = (pid: number): Gone => ({ kind: 'gone', pid, why: because.absent() });
export const unknown = (pid: number): Unknown => ({
  kind: 'unknown',
  pid,
  startTime: 1,
  why: because.exiting(),
  isExiting: true,
});

export const HEALTHY = toHealth([running(7), running(8)]);
export const IN_PART = toHealth([running(7), gone(9)]);
export const DOWN = toHealth([gone(9)]);
export const NO_PIDS = toHealth([]);
export const UNKNOWN = toHealth([running(7), unknown(8)]);

export const WORKERS: readonly ProcessId[] = [{ pid: 5, startTime: 1 }];
export const DISTRUST = distrust.world('/p');
export const UNKILLABLE = [{ pid: 6, why: because.unkillable(5) }];
export const IGNORED: ForceFile = { kind: 'ignored', why: problem.notRegular() };
export const ORDER: ForceFile = { kind: 'present' };

export const FREE: Lock = { kind: 'free', path: '/l' };
export const OURS: Lock = { kind: 'ours', path: '/l' };
export const HELD: Lock = { kind: 'held', path: '/l', holder: 3 };
export const NOT_AVAILABLE: Lock = { kind: 'not available', path: '/l', problem: 'no space' };

export const PIDFILE: Pidfile = {
  path: '/p',
  pids: [7, 8],
  access: { uid: 0, gid: 0, mode: 0o100_644, dev: 1, ino: 2, mtimeMs: 3 },
};
export const NO_PIDFILE: Pidfile = { path: '/p', pids: [], access: undefined };

/** A run that has taken its first action. */
export const ACTED: Progress = {
  pidfile: identityOf(PIDFILE),
  mains: [],
  workers: [],
  isOrderStuck: false,
  isCleanedUp: false,
  unkillable: [],
};
/** The pidfile was another one before the first action. */
export const CHANGED: Progress = { ...ACTED, pidfile: '1 2 2' };

export interface Changes extends Partial<Omit<Observation, 'service'>> {
  readonly settings?: Partial<Settings>;
}

/** The observation of a healthy service, except for the changes. */
export function observation({ settings, ...changes }: Changes = {}): Observation {
  return {
    service: {
      name: 'svc',
      runfile: '/r',
      binfile: '/b',
      pidfile: '/p',
      command: 'c',
      forceRestartFile: '/f',
      settings: { ...DEFAULT_SETTINGS, ...settings },
    },
    isEnabled: true,
    pidfile: PIDFILE,
    verdicts: [],
    health: HEALTHY,
    workers: [],
    hasBinary: true,
    forceFile: { kind: 'absent' },
    distrust: undefined,
    barred: [],
    lock: undefined,
    progress: undefined,
    ...changes,
  };
}

export const planOf = (changes: Changes) => decide(observation(changes));

export const START: Action = { kind: 'start', command: 'c' };
export const EXIT_INSTEAD: Action = { kind: 'exit', status: 1 };
export const REMOVE: Action = { kind: 'remove', path: '/f' };

/** The action that sends a signal, with the default timeout. */
export function signal(name: SignalAction['signal'], processes: readonly ProcessId[]): Action {
  const { term, abort } = DEFAULT_SETTINGS.timeouts;
  return { kind: 'signal', signal: name, processes, timeout: name === 'SIGABRT' ? abort : term };
}

/** What a run logs first when PID 9 is gone. */
export const DOWN_NOTICE = messages.down(`PID 9 ${because.absent()}`);

/** All combinations: one value of each list. */
export function product<T extends object>(lists: { readonly [K in keyof T]: readonly T[K][] }): T[] {
  const keys = Object.keys(lists) as (keyof T)[];
  return keys.reduce<T[]>(
    (made, key) => made.flatMap((one) => lists[key].map((value) => ({ ...one, [key]: value }))),
    [{} as T],
  );
}
