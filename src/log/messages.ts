import { localTime } from './local-time.ts';

export type Level = 'debug' | 'info' | 'warn' | 'error' | 'fatal';

/** What a run logs: one line. The name of the service comes from the log. */
export interface Message {
  readonly event: Event;
  readonly level: Level;
  readonly text: string;
}

/** All wording of the log, by event. sipwd(8), DIAGNOSTICS, explains each. */
const WORDING = {
  disabled: ['debug', (runfile: string) => `disabled: runfile ${runfile} does not exist`],
  healthy: ['debug', (pids: Pids) => `healthy: ${named(pids)}`],
  verdict: ['debug', (pid: number, kind: string, why: string) => `PID ${pid} is ${kind}: ${why}`],
  snapshotUsed: ['debug', (mains: Pids, workers: Pids) => `snapshot: main ${named(mains)}; workers ${named(workers)}`],
  snapshotNotUsable: ['debug', (problem: string) => `snapshot is not usable: ${problem}`],
  snapshotNotStored: ['debug', (problem: string) => `snapshot was not stored: ${problem}`],
  locked: ['debug', (path: string) => `took lock ${path}`],
  planned: ['debug', (kind: string, why: string) => `plan: ${kind}, because ${why}`],
  waiting: ['debug', (what: string, seconds: number) => `waiting up to ${seconds} s until ${what}`],

  stillHeld: ['debug', (path: string, why: string) => `on hold while ${path} exists; not repaired: ${why}`],
  stillPaused: [
    'debug',
    (failures: number, endsAt: number, why: string) =>
      `still paused after ${failures} failed starts in a row, until ${localTime(endsAt)}; not started: ${why}`,
  ],

  held: [
    'info',
    (path: string, why: string) =>
      `on hold: nothing is done while ${path} exists, although a run would act: ${why}; to end this: rm ${path}`,
  ],
  disabledAfterStart: [
    'info',
    (runfile: string) =>
      `disabled: runfile ${runfile} was removed after the start command had run; stop the service if it runs now`,
  ],
  disabledMeanwhile: [
    'info',
    (runfile: string) => `disabled: runfile ${runfile} was removed during this run; nothing more is done`,
  ],
  sent: ['info', (signals: string, pid: number, binfile: string) => `sent ${signals} to PID ${pid} (${binfile})`],
  dumpingCore: [
    'info',
    (pid: number, binfile: string, seconds: number) =>
      `PID ${pid} (${binfile}) is dumping core; SIGKILL is held back for up to ${seconds} s`,
  ],
  pidfileRemoved: ['info', (pidfile: string, why: string) => `removed stale pidfile ${pidfile}: ${why}`],
  starting: ['info', (command: string) => `starting: ${command}`],
  started: ['info', (pids: Pids, seconds: string) => `started: ${named(pids)} after ${seconds} s`],
  startNeeded: ['info', () => 'a start is needed; not started because of --exit-if-down'],

  unknownSetting: [
    'warn',
    (name: string, value: string, used: string, known: string) =>
      `unknown value of ${name}: ${value}; using ${used}; known values: ${known}`,
  ],
  logfileRefused: [
    'warn',
    (path: string, reason: string) => `cannot write to log file ${path}: ${reason}; using stderr`,
  ],
  down: ['warn', (why: string) => `down: ${why}`],
  noSuchBinary: [
    'warn',
    (binfile: string) => `binary ${binfile} does not exist: a typo in the arguments, or an upgrade in progress`,
  ],
  leftOver: ['warn', (processes: readonly string[]) => `left of the service, not in the pidfile: ${listed(processes)}`],
  leftAlone: [
    'warn',
    (processes: readonly string[]) => `not touched, although they may belong to the service: ${listed(processes)}`,
  ],
  startNotStored: [
    'warn',
    (problem: string) => `this start is not stored: ${problem}; its processes may not be recognised later`,
  ],
  forcedRestart: ['warn', (path: string) => `forced restart: removing force-restart file ${path}`],
  forceFileIgnored: ['warn', (path: string, why: string) => `ignoring force-restart file ${path}: ${why}`],
  paused: [
    'warn',
    (failures: number, endsAt: number, runfile: string, why: string) =>
      `paused after ${failures} failed starts in a row: ${why}; next start: ${localTime(endsAt)}; to start it earlier: touch ${runfile}`,
  ],
  startedElsewhere: [
    'warn',
    (pids: Pids) => `another program has started the service: ${named(pids)}; not started again`,
  ],
  busy: ['warn', () => 'another sipwd is working on this service; nothing was done'],
  stillStarting: [
    'warn',
    (pid: number) => `the start command of an earlier run still runs as PID ${pid}; nothing was done`,
  ],
  metricsNotWritten: ['warn', (path: string, reason: string) => `cannot write metrics to ${path}: ${reason}`],
  metricsOfOthers: [
    'warn',
    (path: string) =>
      `${path} held the metrics of another service or table; give each service a name of its own with --name, and each table another file name`,
  ],
  hookFailed: ['warn', (problem: string, command: string) => `--on-event: the command ${problem}: ${command}`],
  pidfileStays: ['warn', (pidfile: string, reason: string) => `cannot remove stale pidfile ${pidfile}: ${reason}`],

  usage: ['error', (problem: string) => `${problem}; see sipwd --help`],
  badLine: ['error', (table: string, line: number, problem: string) => `${table}:${line}: bad line: ${problem}`],
  tableNotReadable: ['error', (table: string, reason: string) => `cannot read table ${table}: ${reason}`],
  tableRefused: [
    'error',
    (table: string, why: string, fix: string) =>
      `refusing table ${table}, whose commands would run as root: ${why}; run: ${fix}`,
  ],
  runfileNotReadable: [
    'error',
    (runfile: string, reason: string) =>
      `cannot determine whether the service is enabled: cannot check runfile ${runfile}: ${reason}`,
  ],
  noProcfs: ['error', () => 'cannot check any process: /proc is not procfs; run: mount -t proc proc /proc'],
  otherProcfs: [
    'error',
    () => 'cannot check any process: /proc belongs to another PID namespace; mount /proc again in this namespace',
  ],
  badPidfile: ['error', (pidfile: string, problem: string) => `cannot use pidfile ${pidfile}: ${problem}`],
  noWorkingDirectory: [
    'error',
    (pidfile: string) => `cannot determine which file ${pidfile} is: the working directory was removed`,
  ],
  cannotTell: [
    'error',
    (why: string) => `cannot determine whether the service runs: ${why}; nothing was signalled or started`,
  ],
  lockedInstead: [
    'warn',
    (runfile: string, problem: string) => `cannot take lock ${problem}; locked the runfile ${runfile} instead`,
  ],
  cannotLock: [
    'error',
    (path: string, problem: string) => `cannot take lock ${path}: ${problem}; nothing was signalled or started`,
  ],
  notConfirmed: [
    'error',
    (processes: string, pidfile: string, binfile: string) =>
      `not started again: the last start is not confirmed, and its processes run: ${processes}; compare what the service writes with the arguments <pidfile> ${pidfile} and <binfile> ${binfile}; to kill these processes, use the force-restart file`,
  ],
  claimed: [
    'error',
    (pids: Pids) =>
      `nothing was signalled or started: ${named(pids)} in the pidfile, but a snapshot says that it is another service; give each service its own pidfile, or remove the snapshot of one that no longer exists`,
  ],
  refused: [
    'error',
    (pids: Pids, why: string, fix: string) =>
      `refusing to signal ${named(pids)}: ${why}; nothing was started; run: ${fix}`,
  ],
  notStopped: ['error', (why: string) => `cannot stop the service, so it was not started: ${why}`],
  notSent: [
    'error',
    (signals: string, pid: number, binfile: string, errno: string) =>
      `cannot send ${signals} to PID ${pid} (${binfile}): ${errno}`,
  ],
  forceFileStays: [
    'error',
    (path: string, reason: string) =>
      `ignoring force-restart file ${path}: cannot remove it: ${reason}; it would restart the service in every run; remove it by hand`,
  ],
  startFailed: ['error', (problem: string, command: string) => `start failed: the command ${problem}: ${command}`],
  notUp: [
    'error',
    (seconds: number, missing: string) =>
      `start failed: the command exited with status 0, but the service did not come up within ${seconds} s: ${missing}`,
  ],
  stdoutNotWritten: ['error', (reason: string) => `cannot write to standard output: ${reason}`],
  internal: ['fatal', (what: string) => `internal error: ${what}`],
} as const satisfies Record<string, readonly [Level, (...values: never[]) => string]>;

export type Event = keyof typeof WORDING;

type Messages = { readonly [E in Event]: (...values: Parameters<(typeof WORDING)[E][1]>) => Message };

/** A function for each event, which words its message. */
export const messages = new Proxy(WORDING, {
  // Made when it is asked for: a healthy check says nothing.
  get(wording, event: Event) {
    const [level, word] = wording[event];
    return (...values: never[]) => ({ event, level, text: (word as (...values: never[]) => string)(...values) });
  },
}) as unknown as Messages;

type Pids = readonly number[];

/** A line names so many items, and counts the others. */
const MOST_NAMED = 8;

function named(pids: Pids): string {
  return pids.length === 0 ? 'no PID' : `${pids.length === 1 ? 'PID' : 'PIDs'} ${listed(pids)}`;
}

/** At most eight items, then how many more there are. */
export function listed(items: readonly (string | number)[]): string {
  const more = items.length - MOST_NAMED;
  return more <= 0 ? items.join(', ') : `${items.slice(0, MOST_NAMED).join(', ')} and ${more} more`;
}
