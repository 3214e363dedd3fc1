import { readFileSync } from 'node:fs';
import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from 'vitest';
import type { InspectedProcess } from '../../src/dry-run/describe.ts';
import type { Inspection } from '../../src/dry-run/inspect.ts';
import { page } from '../../src/dry-run/page.ts';

/** 3 days and 4 hours */
const UPTIME = 273_600;

function running(pid: number, second: number): InspectedProcess {
  const exe = '/usr/local/bin/rtpproxy';
  const started = new Date(2024, 10, 22, 14, 27, second).toISOString();
  const known = { exe, argv0: 'rtpproxy', uid: 110, startTime: 1, started, uptime: UPTIME };
  return { pid, state: 'running', evidence: `exe ${exe}`, ...known };
}

function without(pid: number, state: 'gone' | 'unknown', evidence: string): InspectedProcess {
  return { pid, state, evidence, exe: null, argv0: null, uid: null, startTime: null, started: null, uptime: null };
}

/** What the example of the README shows. */
const FOUND: Inspection = {
  service: {
    runfile: '/var/run/rtpproxy.runs',
    binfile: '/usr/local/bin/rtpproxy',
    pidfile: '/var/run/rtpproxy.pid',
    command: '/usr/local/etc/rc.d/rtpproxy.sh start',
    forceRestartFile: null,
  },
  isMeantToRun: true,
  pidfile: { pids: 2, uid: 0, gid: 0, mode: '0644', age: UPTIME, link: null },
  problem: null,
  resolved: ['/usr/local/bin/rtpproxy'],
  processes: [running(4711, 10), without(4712, 'gone', 'is no process')],
  survivors: [running(4713, 11)],
  forceRestart: 'absent',
  lock: { path: '/run/sipwd/%2Fvar%2Frun%2Frtpproxy.pid.lock', holder: null, problem: null },
  plan: {
    action: 'clean up and start',
    why: 'PID 4712 is no process',
    steps: [
      { kind: 'signal', signals: ['SIGTERM', 'SIGCONT'], pids: [4711, 4713], killAfter: 8 },
      { kind: 'run', command: '/usr/local/etc/rc.d/rtpproxy.sh start' },
    ],
    status: 1,
  },
};

const linesOf = (found: Partial<Inspection>) => page({ ...FOUND, ...found }, false).split('\n');

describe('the page', () => {
  test('when the README shows one, that is how it looks', () => {
    const [, example = ''] =
      /### The dry run\n\n.*:\n\n((?: {4}.*\n|\n)*)/.exec(readFileSync('README.md', 'utf8')) ?? [];
    expect(page(FOUND, false)).toBe(`${example.replaceAll(/^ {4}/gm, '').trimEnd()}\n`);
  });

  test('when it is coloured, each state has its colour, and only that is added', () => {
    const processes = [running(4711, 10), without(4712, 'gone', 'x'), without(4714, 'unknown', 'y')];
    const found = { ...FOUND, processes };
    const coloured = page(found, true);
    const painted = coloured.split('\x1b[').slice(1);
    expect(painted.filter((part) => !part.startsWith('0m')).map((part) => part.trimEnd())).toEqual([
      '32mrunning',
      '31mgone',
      '33munknown',
      '32mrunning',
      '1mwould do: clean up and start',
    ]);
    expect(stripVTControlCharacters(coloured)).toBe(page(found, false));
  });

  test('when a binfile resolves to other files, or cannot be looked at, that is said', () => {
    const what = (resolved: string[] | null) =>
      linesOf({ resolved })[2]?.slice('binfile     /usr/local/bin/rtpproxy  '.length);
    expect(what(['/opt/a', '/opt/b'])).toBe('is /opt/a and /opt/b');
    expect(what([])).toBe('no such file');
    expect(what(null)).toBe('cannot be looked at');
  });

  test('when the pidfile is absent, empty or holds one PID, that is said', () => {
    const what = (pidfile: Inspection['pidfile']) => linesOf({ pidfile })[1]?.split(/ {2,}/)[2];
    const access = { uid: 0, gid: 0, mode: '0644', age: 0, link: null };
    expect(what(null)).toBe('absent');
    expect(what({ pids: 0, ...access })).toBe('no PID, owner 0:0, mode 0644, written 0 s ago');
    expect(what({ pids: 1, ...access })).toBe('1 PID, owner 0:0, mode 0644, written 0 s ago');
    const link = { path: '/p', uid: 7 };
    expect(what({ pids: 1, ...access, link })).toMatch(/^1 PID, owner 0:0, .* ago, by the link \/p of uid 7$/);
  });

  test('when the pidfile is not usable, the reason is in its place', () => {
    expect(linesOf({ pidfile: null, problem: 'it is\na FIFO' })[1]).toMatch(/ {2}it is\\na FIFO$/);
  });

  test('when the lock is held, it is said by whom, and since when if that is known', () => {
    const what = (uptime: number | null) =>
      linesOf({ lock: { path: '', holder: { pid: 99, uptime }, problem: null } })[3]?.trimEnd();
    expect(what(61)).toMatch(/ {2}held by sipwd, PID 99, started 1 min 1 s ago$/);
    expect(what(null)).toMatch(/ {2}held by sipwd, PID 99$/);
  });

  test('when the lock cannot be taken, why is said', () => {
    const problem = 'cannot take the lock /l: it is not a regular file';
    expect(linesOf({ lock: { path: '', holder: null, problem } })[3]).toMatch(
      /^lock +cannot take the lock \/l: it is /,
    );
  });

  test('when a force-restart file is given, it is said what there is', () => {
    const service = { ...FOUND.service, forceRestartFile: '/run/f' };
    const what = (forceRestart: Inspection['forceRestart']) => linesOf({ service, forceRestart })[3]?.split(/ {2,}/);
    expect(what('absent')).toEqual(['force file', '/run/f', 'absent']);
    expect(what('present')).toEqual(['force file', '/run/f', 'exists: a restart is ordered']);
    expect(what('ignored')).toEqual(['force file', '/run/f', 'ignored: not a regular file, or out of reach']);
  });

  test('when a run would refuse, the status is said, and what it does before', () => {
    const plan = { action: 'refuse', why: 'w', steps: [{ kind: 'remove', path: '/run/f' }], status: 4 } as const;
    expect(linesOf({ plan }).slice(-3)).toEqual([
      'would do: refuse, with exit status 4, because w',
      '  1. remove /run/f',
      '',
    ]);
  });

  test('when there is no process, there is no table', () => {
    expect(linesOf({ processes: [], survivors: [] }).slice(4, 6)).toEqual(['', expect.stringMatching(/^would do: /)]);
  });

  test('when the evidence is argv[0] or says what it runs, neither is said twice', () => {
    const evidence = (changes: Partial<InspectedProcess>) =>
      linesOf({ processes: [{ ...running(1, 1), ...changes }], survivors: [] })[6]?.split(/ {2,}/)[6];
    expect(evidence({ evidence: 'argv[0] a', argv0: 'a', exe: '/b' })).toBe('argv[0] a; exe /b');
    expect(evidence({ state: 'gone', evidence: 'runs /b, not /c', argv0: 'a', exe: '/b' })).toBe(
      'runs /b, not /c; argv[0] a',
    );
    expect(evidence({ evidence: 'comm a', argv0: '', exe: null })).toBe('comm a');
  });
});
