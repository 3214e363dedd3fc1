import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from 'vitest';
import type { ReportedProcess } from '../../src/dry-run/describe.ts';
import { page } from '../../src/dry-run/page.ts';
import type { Report } from '../../src/dry-run/report.ts';
import { because, evidence } from '../../src/log/reasons.ts';

/** 3 days and 4 hours */
const UPTIME = 273_600;

function running(pid: number, second: number): ReportedProcess {
  const exe = '/usr/local/bin/rtpproxy';
  const started = new Date(2024, 10, 22, 14, 27, second).toISOString();
  const known = { exe, argv0: 'rtpproxy', uid: 110, startTime: 1, started, uptime: UPTIME };
  return { pid, belongs: 'pidfile', role: 'main', state: 'running', evidence: evidence.exe(exe), ...known };
}

function without(pid: number, state: 'gone' | 'unknown', evidence: string): ReportedProcess {
  const unread = { exe: null, argv0: null, uid: null, startTime: null, started: null, uptime: null };
  return { pid, belongs: null, role: 'main', state, evidence, ...unread };
}

const FOUND: Report = {
  service: {
    name: 'rtpproxy',
    runfile: '/var/run/rtpproxy.runs',
    binfile: '/usr/local/bin/rtpproxy',
    pidfile: '/var/run/rtpproxy.pid',
    command: '/usr/local/etc/rc.d/rtpproxy.sh start',
    forceRestartFile: null,
  },
  enabled: true,
  state: 'down',
  lastStart: null,
  warnings: [],
  pidfile: { pids: 2, uid: 0, gid: 0, mode: '0644', age: UPTIME, link: null },
  problem: null,
  resolved: ['/usr/local/bin/rtpproxy'],
  processes: [
    running(4711, 10),
    without(4712, 'gone', because.absent()),
    { ...running(4713, 11), belongs: 'session', role: 'worker' },
  ],
  forceRestart: 'absent',
  lock: { path: '/run/sipwd/%2Fvar%2Frun%2Frtpproxy.pid.lock', holder: null, command: null, problem: null },
  hold: null,
  backoff: { failures: 0, pausedUntil: null },
  plan: {
    kind: 'clean up and start',
    why: `PID 4712 ${because.absent()}`,
    actions: [
      { kind: 'signal', signals: ['SIGTERM', 'SIGCONT'], pids: [4711, 4713], killAfter: 8 },
      { kind: 'start', command: '/usr/local/etc/rc.d/rtpproxy.sh start' },
    ],
    status: 0,
  },
};

const linesOf = (found: Partial<Report>) => page({ ...FOUND, ...found }, false).split('\n');

describe('the page', () => {
  test('when it is coloured, each state has its colour, the plan is bold, and the text stays the same', () => {
    const processes = [running(4711, 10), without(4712, 'gone', 'x'), without(4714, 'unknown', 'y')];
    const found = { ...FOUND, processes };
    const coloured = page(found, true);
    const painted = coloured.split('\x1b[').slice(1);
    expect(painted.filter((part) => !/^(?:22|39)m/.test(part)).map((part) => part.trimEnd())).toEqual([
      '32mrunning',
      '31mgone',
      '33munknown',
      '1mplan: clean up and start',
    ]);
    expect(stripVTControlCharacters(coloured)).toBe(page(found, false));
  });

  test('when the binfile resolves to other files or to none, or cannot be checked, the page says so', () => {
    const what = (resolved: string[] | null) => linesOf({ resolved })[2]?.split(/ {2,}/)[2];
    expect(what(['/opt/a', '/opt/b'])).toBe('resolves to /opt/a and /opt/b');
    expect(what([])).toBe('does not exist');
    expect(what(null)).toBe('cannot be checked');
    expect(what([FOUND.service.binfile])).toBe('exists');
    const service = { ...FOUND.service, binfile: 'rtpproxy' };
    expect(linesOf({ service, resolved: [] })[2]).toMatch(/ {2}not found in PATH or the usual directories$/);
  });

  test('when the runfile exists, the service is enabled; when it is absent, it is disabled', () => {
    const what = (enabled: boolean) => linesOf({ enabled })[0]?.split(/ {2,}/);
    expect(what(true)).toEqual(['runfile', '/var/run/rtpproxy.runs', 'exists: enabled']);
    expect(what(false)).toEqual(['runfile', '/var/run/rtpproxy.runs', 'absent: disabled']);
  });

  test('when actions are planned, each has a number and is in words', () => {
    const exit = { kind: 'exit', status: 1 } as const;
    expect(linesOf({ plan: { ...FOUND.plan, actions: [...FOUND.plan.actions, exit] } }).slice(-5)).toEqual([
      'plan: clean up and start, because PID 4712 does not exist',
      '  1. send SIGTERM and SIGCONT to PID 4711, 4713; SIGKILL after 8 s',
      '  2. start with /bin/sh -c: /usr/local/etc/rc.d/rtpproxy.sh start',
      '  3. exit with status 1 instead of the start, because of --exit-if-down',
      '',
    ]);
  });

  test('when there are processes, the table shows why each belongs to the service, its role and its state', () => {
    expect(linesOf({}).slice(5, 10)).toEqual([
      'BELONGS BY  ROLE    PID   STATE    UID  STARTED              UPTIME  EVIDENCE',
      'pidfile     main    4711  running  110  2024-11-22 14:27:10  3d 4h   exe /usr/local/bin/rtpproxy; argv[0] rtpproxy',
      '-           main    4712  gone     -    -                    -       does not exist',
      'session     worker  4713  running  110  2024-11-22 14:27:11  3d 4h   exe /usr/local/bin/rtpproxy; argv[0] rtpproxy',
      '',
    ]);
  });

  test('when the pidfile is absent, holds no PID or one, or is reached through a link, the page says so', () => {
    const what = (pidfile: Report['pidfile']) => linesOf({ pidfile })[1]?.split(/ {2,}/)[2];
    const access = { uid: 0, gid: 0, mode: '0644', age: 0, link: null };
    expect(what(null)).toBe('absent');
    expect(what({ pids: 0, ...access })).toBe('no PID, owner 0:0, mode 0644, written 0s ago');
    expect(what({ pids: 1, ...access })).toBe('1 PID, owner 0:0, mode 0644, written 0s ago');
    const link = { path: '/p', uid: 7 };
    expect(what({ pids: 1, ...access, link })).toMatch(/^1 PID, owner 0:0, .* ago, through link \/p of uid 7$/);
  });

  test('when the pidfile cannot be used, the page says why', () => {
    expect(linesOf({ pidfile: null, problem: 'it is\na FIFO' })[1]).toMatch(/ {2}it is\\na FIFO$/);
  });

  test('when the lock is held, the page says by whom, and for how long if that is known', () => {
    const what = (uptime: number | null) =>
      linesOf({ lock: { ...FOUND.lock, holder: { pid: 99, uptime } } })[3]?.trimEnd();
    expect(what(61)).toMatch(/ {2}held by sipwd, PID 99, started 1m 1s ago$/);
    expect(what(null)).toMatch(/ {2}held by sipwd, PID 99$/);
  });

  test('when a start command still runs, the page says so instead of "free"', () => {
    const lines = linesOf({ lock: { ...FOUND.lock, command: { pid: 98, uptime: 1 } } });
    expect(lines[3]).toMatch(/^lock +a start command still runs, PID 98$/);
    expect(linesOf({})[3]).toMatch(/^lock +free$/);
  });

  test('when the runfile would be locked instead, the page says why', () => {
    const lock = { ...FOUND.lock, path: '/run/svc.runs', problem: '/run/sipwd/l: it is not a regular file' };
    expect(linesOf({ lock })[3]).toMatch(
      /^lock +\/run\/svc\.runs instead, because \/run\/sipwd\/l: it is not a regular file$/,
    );
  });

  test('when a force-restart file is given, the page says whether it exists', () => {
    const service = { ...FOUND.service, forceRestartFile: '/run/f' };
    const what = (forceRestart: Report['forceRestart']) => linesOf({ service, forceRestart })[3]?.split(/ {2,}/);
    expect(what('absent')).toEqual(['force-restart', '/run/f', 'absent']);
    expect(what('present')).toEqual(['force-restart', '/run/f', 'exists: forced restart']);
    expect(what('ignored')).toEqual(['force-restart', '/run/f', 'ignored']);
  });

  test('when the plan is to refuse, the page shows the exit status and the actions before that', () => {
    const plan: Report['plan'] = {
      kind: 'refuse',
      why: 'w',
      actions: [
        { kind: 'remove', what: 'force-restart file', path: '/run/f' },
        { kind: 'remove', what: 'stale pidfile', path: '/run/p' },
      ],
      status: 4,
    };
    expect(linesOf({ plan }).slice(-4)).toEqual([
      'plan: refuse, exit status 4, because w',
      '  1. remove force-restart file /run/f',
      '  2. remove stale pidfile /run/p',
      '',
    ]);
  });

  test('when there are no processes, there is no table', () => {
    expect(linesOf({ processes: [] }).slice(4, 6)).toEqual(['', expect.stringMatching(/^plan: /)]);
  });

  test('when the evidence contains argv[0] or the binary, neither is repeated', () => {
    const evidence = (changes: Partial<ReportedProcess>) =>
      linesOf({ processes: [{ ...running(1, 1), ...changes }] })[6]?.split(/ {2,}/)[7];
    expect(evidence({ evidence: 'argv[0] a', argv0: 'a', exe: '/b' })).toBe('argv[0] a; exe /b');
    expect(evidence({ state: 'gone', evidence: 'runs /b, not /c', argv0: 'a', exe: '/b' })).toBe(
      'runs /b, not /c; argv[0] a',
    );
    expect(evidence({ evidence: 'comm a', argv0: '', exe: null })).toBe('comm a');
  });
});
