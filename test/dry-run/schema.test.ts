import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Report } from '../../src/dry-run/report.ts';
import { because, evidence } from '../../src/log/reasons.ts';
import type { Evidence } from '../../src/service/evidence.ts';
import { actionsOfSchema, isReport, keysOf } from '../support/schema.ts';

const PROCESS = {
  pid: 4711,
  belongs: 'pidfile',
  role: 'main',
  state: 'running',
  evidence: evidence.exe('/usr/bin/memcached'),
  exe: '/usr/bin/memcached',
  argv0: '/usr/bin/memcached',
  uid: 103,
  startTime: 12_345,
  started: '2024-11-22T14:25:00.000Z',
  uptime: 130.5,
} as const;

const SIGNAL = { kind: 'signal', signals: ['SIGTERM', 'SIGCONT'], pids: [4711], killAfter: 8 } as const;
const START = { kind: 'start', command: 'start' } as const;
const REMOVE = { kind: 'remove', what: 'stale pidfile', path: 'pid' } as const;
const PLAN = {
  kind: 'clean up and start',
  why: `PID 4712 ${because.absent()}`,
  actions: [SIGNAL, REMOVE, START],
  status: 0,
} as const;

const REPORT: Report = {
  service: { name: 'm', runfile: 'runs', binfile: 'm', pidfile: 'pid', command: 'start', forceRestartFile: null },
  enabled: true,
  state: 'down',
  lastStart: null,
  warnings: [],
  pidfile: { pids: 2, uid: 103, gid: 107, mode: '0644', age: 130, link: { path: '/run/link', uid: 103 } },
  problem: null,
  resolved: ['/usr/bin/memcached'],
  processes: [PROCESS],
  forceRestart: 'absent',
  lock: { path: '/run/sipwd/pid.lock', holder: null, command: null, problem: null },
  hold: null,
  backoff: { failures: 0, pausedUntil: null },
  plan: PLAN,
};

test('when a report is complete, the schema allows it', () => {
  expect(isReport(REPORT)).toBe(true);
});

test.each(['pidfile', 'snapshot', 'descent', 'session', 'cookie', null] satisfies (Evidence | null)[])(
  'when a process belongs to the service by %s, the schema allows it',
  (belongs) => {
    expect(isReport({ ...REPORT, processes: [{ ...PROCESS, belongs, role: 'worker' }] })).toBe(true);
  },
);

test('when a start command still runs, the schema allows its PID in the lock, with its age if that is known', () => {
  const locked = (uptime: number | null) => ({ ...REPORT, lock: { ...REPORT.lock, command: { pid: 4714, uptime } } });
  expect(isReport(locked(2.5))).toBe(true);
  expect(isReport(locked(null))).toBe(true);
});

test('when the last start is not confirmed, the schema allows a plan to refuse with status 3', () => {
  expect(isReport({ ...REPORT, plan: { kind: 'refuse', why: 'w', actions: [], status: 3 } })).toBe(true);
});

test('when starts have failed, the schema allows a pause and a plan to refuse with status 6', () => {
  const backoff = { failures: 2, pausedUntil: '2024-11-22T14:25:00.000Z' };
  expect(isReport({ ...REPORT, backoff, plan: { kind: 'refuse', why: 'w', actions: [], status: 6 } })).toBe(true);
});

test('when repairs are on hold, the schema allows the path of the file', () => {
  expect(isReport({ ...REPORT, hold: '/run/sipwd/hold' })).toBe(true);
});

describe('what the schema does not allow', () => {
  const { plan: _, ...withoutPlan } = REPORT;
  const planned = (changes: object) => ({ ...REPORT, plan: { ...PLAN, ...changes } });
  const SPOILED: Readonly<Record<string, object>> = {
    'an unknown key': { ...REPORT, more: 1 },
    'an unknown key of a process': { ...REPORT, processes: [{ ...PROCESS, more: 1 }] },
    'no plan': withoutPlan,
    'an unknown reason to belong': { ...REPORT, processes: [{ ...PROCESS, belongs: 'binary' }] },
    'an unknown role': { ...REPORT, processes: [{ ...PROCESS, role: 'orphan' }] },
    'an unknown verdict': { ...REPORT, processes: [{ ...PROCESS, state: 'dead' }] },
    'PID 1': { ...REPORT, processes: [{ ...PROCESS, pid: 1 }] },
    'a time that is not in UTC': { ...REPORT, processes: [{ ...PROCESS, started: '2024-11-22T14:25:00+01:00' }] },
    'a start command without a PID': { ...REPORT, lock: { ...REPORT.lock, command: { uptime: 1 } } },
    'a mode that is a number': { ...REPORT, pidfile: { ...REPORT.pidfile, mode: 644 } },
    'a pause without a number of failures': { ...REPORT, backoff: { pausedUntil: null } },
    'a hold that is true': { ...REPORT, hold: true },
    'an unknown kind of plan': planned({ kind: 'wait' }),
    'an unknown exit status': planned({ status: 2 }),
    'a plan to do nothing, with actions': planned({ kind: 'nothing' }),
    'a plan to start, without actions': planned({ kind: 'start', actions: [] }),
    'a plan to refuse, with status 0': planned({ kind: 'refuse', actions: [] }),
    'a signal without PIDs': planned({ actions: [{ ...SIGNAL, pids: [] }] }),
    'SIGKILL as the first signal': planned({ actions: [{ ...SIGNAL, signals: ['SIGKILL'] }] }),
    'the removal of another file': planned({ actions: [{ ...REMOVE, what: 'runfile' }] }),
    'an action with a key of another': planned({ actions: [{ ...START, status: 1 }] }),
  };
  test.for(Object.entries(SPOILED))('when a report has %s, the schema does not allow it', ([, report]) => {
    expect(isReport(report)).toBe(false);
  });
});

/** The first column of each table below the heading JSON of docs/dry-run.md. */
function documentedKeys(): string[][] {
  const [, json = ''] = readFileSync('docs/dry-run.md', 'utf8').split('\n## JSON\n');
  const tables = json.split('\n\n').filter((part) => part.startsWith('|'));
  const rows = tables.map((table) => table.split('\n').slice(2).join('\n'));
  return rows.map((table) => Array.from(table.matchAll(/^\| `([^`]+)`/gm), ([, key = '']) => key).sort());
}

test('when docs/dry-run.md describes the keys, they are those of the schema', () => {
  const top = keysOf().filter((key) => !['lock', 'plan', 'backoff'].includes(key));
  const nested = ['lock', 'plan', 'backoff'].flatMap((name) => keysOf(name).map((key) => `${name}.${key}`));
  const report = [...top, 'pidfile.link', ...nested];
  expect(documentedKeys()).toEqual([report.sort(), keysOf('process').sort(), actionsOfSchema().sort()]);
});
