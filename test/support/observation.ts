import { DEFAULT_SETTINGS, type Settings } from '../../src/args/settings.ts';
import { type Action, decide, type SignalAction } from '../../src/decide.ts';
import type { ForceFile } from '../../src/files/force-file.ts';
import type { Hold } from '../../src/files/hold.ts';
import type { Lock } from '../../src/files/lock.ts';
import { identityOf, type Pidfile } from '../../src/files/pidfile.ts';
import { messages } from '../../src/log/messages.ts';
import { because, distrust, problem } from '../../src/log/reasons.ts';
import type { Gone, Running, Unknown, Witness } from '../../src/process/verdict.ts';
import { type Health, runningIn, toHealth } from '../../src/service/health.ts';
import type { Carrier, Member } from '../../src/service/member.ts';
import { membersOfHealthy } from '../../src/service/members.ts';
import type { Barred, Observation, Pause, Progress } from '../../src/service/observation.ts';

const IDENTITY = { startTime: 1, exe: '/b' } as const;

export const running = (pid: number): Running => ({ kind: 'running', pid, ...IDENTITY, threads: 1, evidence: 'exe' });

const REASONS: Readonly<Record<Gone['cause'], string>> = {
  'no process': because.absent(),
  zombie: because.zombie(),
  recycled: because.recycled(2, 1),
  'other program': because.otherBinary('/o', '/b'),
};
export const gone = (pid: number, cause: Gone['cause'] = 'no process'): Gone => ({
  kind: 'gone',
  pid,
  cause,
  why: REASONS[cause],
});
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
/** A PID of the pidfile exists, and certainly is not the service. */
export const STALE = toHealth([gone(9), gone(10, 'zombie')]);
/** A PID of the pidfile runs another program: perhaps `<binfile>` is a typo. */
export const OTHER_PROGRAM = toHealth([gone(9, 'other program'), gone(10, 'zombie')]);

/** The members that the pidfile names. */
export const listedIn = (health: Health): readonly Member[] => membersOfHealthy(runningIn(health), []);
/** Members that the pidfile does not name. */
export const LOST_MAIN: Member = { pid: 4, ...IDENTITY, evidence: 'snapshot', isMain: true };
export const WORKER: Member = { pid: 5, ...IDENTITY, evidence: 'session', isMain: false };

/** A process of a start that is not confirmed. */
export const CARRIER: Carrier = { pid: 5, ...IDENTITY, age: 61.4 };

export const BARRED: Barred = { pid: 7, isAncestor: false };
export const ANCESTOR: Barred = { pid: 8, isAncestor: true };
export const DISTRUST = distrust.world('/p');
export const UNKILLABLE = [{ pid: 6, why: because.unkillable(5) }];
export const IGNORED: ForceFile = { kind: 'ignored', why: problem.notRegular() };
export const ORDER: ForceFile = { kind: 'present' };

export const FREE: Lock = { kind: 'free', path: '/l', instead: undefined };
export const OURS: Lock = { kind: 'ours', path: '/l', descriptor: 9, instead: undefined };
export const HELD: Lock = { kind: 'held', path: '/l', holder: 3 };
export const STARTING: Lock = { kind: 'starting', path: '/l', command: 4 };
export const NOT_AVAILABLE: Lock = { kind: 'not available', path: '/l', problem: 'no space' };

export const PIDFILE: Pidfile = {
  path: '/p',
  pids: [7, 8],
  access: { uid: 0, gid: 0, mode: 0o100_644, dev: 1, ino: 2, mtimeMs: 3 },
};
export const NO_PIDFILE: Pidfile = { path: '/p', pids: [], access: undefined };

/** A pause that begins now, and one that has begun before. */
export const NEW_PAUSE: Pause = { isNew: true, endsAt: 1_700_000_000_000 };
export const PAUSE: Pause = { ...NEW_PAUSE, isNew: false };

export const HOLD: Hold = { path: '/h', isSaid: false };

/** A run that has taken its first action. */
export const ACTED: Progress = {
  pidfile: identityOf(PIDFILE),
  members: [],
  isForced: false,
  isOrderStuck: false,
  isCleanedUp: false,
  unkillable: [],
  failures: 0,
};
export const CLEANED_UP: Progress = { ...ACTED, isCleanedUp: true };
/** The pidfile was another one before the first action. */
export const CHANGED: Progress = { ...ACTED, pidfile: '1 2 2' };

export interface Changes extends Partial<Omit<Observation, 'service' | 'members'>> {
  readonly settings?: Partial<Settings>;
  /** the members that the pidfile does not name */
  readonly unlisted?: readonly Member[];
}

/** The observation of a healthy service, except for the changes. The running PIDs of the pidfile are members. */
export function observation({ settings, unlisted = [], ...changes }: Changes = {}): Observation {
  const health = changes.health ?? HEALTHY;
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
    health,
    members: [...listedIn(health), ...unlisted],
    unconfirmed: [],
    claimed: [],
    leftAlone: [],
    hasBinary: true,
    forceFile: { kind: 'absent' },
    distrust: undefined,
    barred: [],
    failures: 0,
    pause: undefined,
    hold: undefined,
    tally: undefined,
    lock: undefined,
    progress: undefined,
    ...changes,
  };
}

/** Obstacles: each contains those of the rules that come after its own. */
export const DISTRUSTED = { distrust: DISTRUST, barred: [BARRED] };
export const UNCONFIRMED = { ...DISTRUSTED, unconfirmed: [CARRIER] };
export const LOCKED = { ...UNCONFIRMED, lock: HELD };

export const planOf = (changes: Changes) => decide(observation(changes));

export const START: Action = { kind: 'start', command: 'c' };
export const EXIT_INSTEAD: Action = { kind: 'exit', status: 1 };
export const REMOVE_ORDER: Action = { kind: 'remove', what: 'force-restart file', path: '/f' };
export const REMOVE_STALE: Action = { kind: 'remove', what: 'stale pidfile', path: '/p' };

/** The action that sends a signal, with the default timeout. */
export function signal(name: SignalAction['signal'], processes: readonly Witness[]): Action {
  const { term, abort } = DEFAULT_SETTINGS.timeouts;
  return { kind: 'signal', signal: name, processes, timeout: name === 'SIGABRT' ? abort : term };
}

/** What a run logs first when PID 9 is gone. */
export const DOWN_NOTICE = messages.down(`PID 9 ${because.absent()}`);

/** All objects with one value of each list, one after the other. */
export function* combinations<T extends object>(lists: { readonly [K in keyof T]: readonly T[K][] }): Generator<T> {
  const choices = Object.entries<readonly unknown[]>(lists);
  const count = choices.reduce((product, [, values]) => product * values.length, 1);
  for (let number = 0; number < count; number++) {
    const one: Record<string, unknown> = {};
    let rest = number;
    for (const [key, values] of choices) {
      one[key] = values[rest % values.length];
      rest = Math.floor(rest / values.length);
    }
    yield one as T;
  }
}
