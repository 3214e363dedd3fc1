import { describe, expect, test } from 'vitest';
import { type Event, type Level, listed, type Message, messages } from '../../src/log/messages.ts';

/** In local time, as people read it. */
const NOON = new Date(2026, 10, 2, 12, 0, 5).getTime();

/** Every message, worded with sample values, and what it is expected to be. The compiler misses none. */
const WORDED = {
  disabled: [messages.disabled('/run/svc'), 'debug', 'disabled: runfile /run/svc does not exist'],
  healthy: [messages.healthy([7, 8]), 'debug', 'healthy: PIDs 7, 8'],
  verdict: [messages.verdict(7, 'running', 'exe /sbin/svc'), 'debug', 'PID 7 is running: exe /sbin/svc'],
  snapshotUsed: [messages.snapshotUsed([7], [8, 9]), 'debug', 'snapshot: main PID 7; workers PIDs 8, 9'],
  snapshotNotUsable: [messages.snapshotNotUsable('it is damaged'), 'debug', 'snapshot is not usable: it is damaged'],
  snapshotNotStored: [messages.snapshotNotStored('no space'), 'debug', 'snapshot was not stored: no space'],
  locked: [messages.locked('/run/lock'), 'debug', 'took lock /run/lock'],
  planned: [messages.planned('start', 'there is no PID'), 'debug', 'plan: start, because there is no PID'],
  waiting: [messages.waiting('PID 7 has exited', 8), 'debug', 'waiting up to 8 s until PID 7 has exited'],

  stillHeld: [
    messages.stillHeld('/run/sipwd/hold', 'PID 7 does not exist'),
    'debug',
    'on hold while /run/sipwd/hold exists; not repaired: PID 7 does not exist',
  ],
  stillPaused: [
    messages.stillPaused(3, NOON, 'PID 7 does not exist'),
    'debug',
    'still paused after 3 failed starts in a row, until 2 Nov 12:00:05; not started: PID 7 does not exist',
  ],
  held: [
    messages.held('/run/sipwd/hold', 'PID 7 does not exist'),
    'info',
    'on hold: nothing is done while /run/sipwd/hold exists, although a run would act: PID 7 does not exist; to end this: rm /run/sipwd/hold',
  ],
  disabledAfterStart: [
    messages.disabledAfterStart('/run/svc'),
    'info',
    'disabled: runfile /run/svc was removed after the start command had run; stop the service if it runs now',
  ],
  disabledMeanwhile: [
    messages.disabledMeanwhile('/run/svc'),
    'info',
    'disabled: runfile /run/svc was removed during this run; nothing more is done',
  ],
  sent: [messages.sent('SIGTERM and SIGCONT', 7, '/sbin/svc'), 'info', 'sent SIGTERM and SIGCONT to PID 7 (/sbin/svc)'],
  dumpingCore: [
    messages.dumpingCore(7, '/sbin/svc', 300),
    'info',
    'PID 7 (/sbin/svc) is dumping core; SIGKILL is held back for up to 300 s',
  ],
  pidfileRemoved: [
    messages.pidfileRemoved('/run/svc.pid', 'PID 7 has exited (a zombie)'),
    'info',
    'removed stale pidfile /run/svc.pid: PID 7 has exited (a zombie)',
  ],
  starting: [messages.starting('/sbin/svc -d'), 'info', 'starting: /sbin/svc -d'],
  started: [messages.started([7, 8], '0.3'), 'info', 'started: PIDs 7, 8 after 0.3 s'],
  startNeeded: [messages.startNeeded(), 'info', 'a start is needed; not started because of --exit-if-down'],

  unknownSetting: [
    messages.unknownSetting('SIPLOG_BEND', 'x', 'stderr', 'stderr, none'),
    'warn',
    'unknown value of SIPLOG_BEND: x; using stderr; known values: stderr, none',
  ],
  logfileRefused: [
    messages.logfileRefused('/f', 'it is not a regular file'),
    'warn',
    'cannot write to log file /f: it is not a regular file; using stderr',
  ],
  down: [messages.down('PID 7 does not exist'), 'warn', 'down: PID 7 does not exist'],
  noSuchBinary: [
    messages.noSuchBinary('/sbin/svc'),
    'warn',
    'binary /sbin/svc does not exist: a typo in the arguments, or an upgrade in progress',
  ],
  leftAlone: [
    messages.leftAlone(['PID 8 cannot be inspected']),
    'warn',
    'not touched, although they may belong to the service: PID 8 cannot be inspected',
  ],
  paused: [
    messages.paused(2, NOON, '/run/svc', 'PID 7 does not exist'),
    'warn',
    'paused after 2 failed starts in a row: PID 7 does not exist; next start: 2 Nov 12:00:05; to start it earlier: touch /run/svc',
  ],
  startNotStored: [
    messages.startNotStored('no space left on device (ENOSPC)'),
    'warn',
    'this start is not stored: no space left on device (ENOSPC); its processes may not be recognised later',
  ],
  leftOver: [
    messages.leftOver(['PID 8 (snapshot)', 'PID 9 (session)']),
    'warn',
    'left of the service, not in the pidfile: PID 8 (snapshot), PID 9 (session)',
  ],
  forcedRestart: [
    messages.forcedRestart('/run/force'),
    'warn',
    'forced restart: removing force-restart file /run/force',
  ],
  forceFileIgnored: [
    messages.forceFileIgnored('/run/force', 'it is not a regular file'),
    'warn',
    'ignoring force-restart file /run/force: it is not a regular file',
  ],
  startedElsewhere: [
    messages.startedElsewhere([7]),
    'warn',
    'another program has started the service: PID 7; not started again',
  ],
  busy: [messages.busy(), 'warn', 'another sipwd is working on this service; nothing was done'],
  stillStarting: [
    messages.stillStarting(7),
    'warn',
    'the start command of an earlier run still runs as PID 7; nothing was done',
  ],
  metricsNotWritten: [
    messages.metricsNotWritten('/m/sipwd_a.prom', 'no space'),
    'warn',
    'cannot write metrics to /m/sipwd_a.prom: no space',
  ],
  metricsOfOthers: [
    messages.metricsOfOthers('/m/sipwd_a.prom'),
    'warn',
    '/m/sipwd_a.prom held the metrics of another service or table; give each service a name of its own with --name, and each table another file name',
  ],
  hookFailed: [
    messages.hookFailed('exited with status 7', 'page me'),
    'warn',
    '--on-event: the command exited with status 7: page me',
  ],
  pidfileStays: [
    messages.pidfileStays('/run/svc.pid', 'permission denied'),
    'warn',
    'cannot remove stale pidfile /run/svc.pid: permission denied',
  ],

  usage: [messages.usage('missing argument <command>'), 'error', 'missing argument <command>; see sipwd --help'],
  badLine: [messages.badLine('/etc/sipwd.tab', 7, 'a problem'), 'error', '/etc/sipwd.tab:7: bad line: a problem'],
  tableNotReadable: [
    messages.tableNotReadable('/etc/sipwd.tab', 'it does not exist'),
    'error',
    'cannot read table /etc/sipwd.tab: it does not exist',
  ],
  tableRefused: [
    messages.tableRefused('/etc/sipwd.tab', '/etc is writable by every user', 'chmod o-w /etc'),
    'error',
    'refusing table /etc/sipwd.tab, whose commands would run as root: /etc is writable by every user; run: chmod o-w /etc',
  ],
  runfileNotReadable: [
    messages.runfileNotReadable('/run/svc', 'permission denied'),
    'error',
    'cannot determine whether the service is enabled: cannot check runfile /run/svc: permission denied',
  ],
  noProcfs: [
    messages.noProcfs(),
    'error',
    'cannot check any process: /proc is not procfs; run: mount -t proc proc /proc',
  ],
  otherProcfs: [
    messages.otherProcfs(),
    'error',
    'cannot check any process: /proc belongs to another PID namespace; mount /proc again in this namespace',
  ],
  badPidfile: [
    messages.badPidfile('/run/svc.pid', 'it is larger than 64 KiB'),
    'error',
    'cannot use pidfile /run/svc.pid: it is larger than 64 KiB',
  ],
  noWorkingDirectory: [
    messages.noWorkingDirectory('svc.pid'),
    'error',
    'cannot determine which file svc.pid is: the working directory was removed',
  ],
  cannotTell: [
    messages.cannotTell('PID 7 is exiting'),
    'error',
    'cannot determine whether the service runs: PID 7 is exiting; nothing was signalled or started',
  ],
  lockedInstead: [
    messages.lockedInstead('/run/svc', '/run/lock: it is not a regular file'),
    'warn',
    'cannot take lock /run/lock: it is not a regular file; locked the runfile /run/svc instead',
  ],
  cannotLock: [
    messages.cannotLock('/run/lock', 'it is not a regular file'),
    'error',
    'cannot take lock /run/lock: it is not a regular file; nothing was signalled or started',
  ],
  notConfirmed: [
    messages.notConfirmed('PID 7 (/sbin/svc, started 61 s ago)', '/run/svc.pid', '/sbin/svc'),
    'error',
    'not started again: the last start is not confirmed, and its processes run: PID 7 (/sbin/svc, started 61 s ago); compare what the service writes with the arguments <pidfile> /run/svc.pid and <binfile> /sbin/svc; to kill these processes, use the force-restart file',
  ],
  claimed: [
    messages.claimed([7]),
    'error',
    'nothing was signalled or started: PID 7 in the pidfile, but a snapshot says that it is another service; give each service its own pidfile, or remove the snapshot of one that no longer exists',
  ],
  refused: [
    messages.refused([7, 8], 'pidfile /run/svc.pid is world-writable', 'chmod o-w /run/svc.pid'),
    'error',
    'refusing to signal PIDs 7, 8: pidfile /run/svc.pid is world-writable; nothing was started; run: chmod o-w /run/svc.pid',
  ],
  notStopped: [
    messages.notStopped('PID 7 may not be signalled by this user'),
    'error',
    'cannot stop the service, so it was not started: PID 7 may not be signalled by this user',
  ],
  notSent: [
    messages.notSent('SIGTERM and SIGCONT', 7, '/sbin/svc', 'EPERM'),
    'error',
    'cannot send SIGTERM and SIGCONT to PID 7 (/sbin/svc): EPERM',
  ],
  forceFileStays: [
    messages.forceFileStays('/run/force', 'permission denied'),
    'error',
    'ignoring force-restart file /run/force: cannot remove it: permission denied; it would restart the service in every run; remove it by hand',
  ],
  startFailed: [
    messages.startFailed('exited with status 1', '/sbin/svc -d'),
    'error',
    'start failed: the command exited with status 1: /sbin/svc -d',
  ],
  notUp: [
    messages.notUp(10, 'PID 7 does not exist'),
    'error',
    'start failed: the command exited with status 0, but the service did not come up within 10 s: PID 7 does not exist',
  ],
  stdoutNotWritten: [messages.stdoutNotWritten('no space'), 'error', 'cannot write to standard output: no space'],

  internal: [messages.internal('no such state'), 'fatal', 'internal error: no such state'],
} satisfies Record<Event, readonly [Message, Level, string]>;

describe('the wording', () => {
  test.each(Object.entries(WORDED))('when the event is %s, level and text are as documented', (event, worded) => {
    const [message, level, text] = worded;
    expect(message).toEqual({ event, level, text });
  });
});

describe('a list', () => {
  test('when there is no PID, the message says so', () => {
    expect(messages.healthy([]).text).toBe('healthy: no PID');
  });

  test('when there is one PID, the message says PID and not PIDs', () => {
    expect(messages.healthy([7]).text).toBe('healthy: PID 7');
  });

  test('when there are eight PIDs, all are named', () => {
    expect(messages.healthy([1, 2, 3, 4, 5, 6, 7, 8]).text).toBe('healthy: PIDs 1, 2, 3, 4, 5, 6, 7, 8');
  });

  test('when there are more, eight are named and the others counted', () => {
    const pids = Array.from({ length: 11 }, (_, index) => index + 1);
    expect(messages.healthy(pids).text).toBe('healthy: PIDs 1, 2, 3, 4, 5, 6, 7, 8 and 3 more');
  });

  test('when there are more than eight processes, eight are named and the others counted', () => {
    const processes = Array.from({ length: 9 }, (_, index) => `PID ${index + 2} (session)`);
    expect(messages.leftOver(processes).text).toMatch(/: PID 2 \(session\), .*, PID 9 \(session\) and 1 more$/);
  });

  test('when the items are texts, the same limit holds', () => {
    expect(listed([])).toBe('');
    expect(listed(['a', 'b'])).toBe('a, b');
    expect(listed([...'abcdefghi'])).toBe('a, b, c, d, e, f, g, h and 1 more');
  });
});
