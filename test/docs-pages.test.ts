import { describe, expect, test } from 'vitest';
import type { ReportedProcess } from '../src/dry-run/describe.ts';
import { page } from '../src/dry-run/page.ts';
import type { Report } from '../src/dry-run/report.ts';
import { because, evidence, why } from '../src/log/reasons.ts';
import { exampleIn } from './support/readme.ts';

describe('the pages of a dry run in the documents', () => {
  const DAY = 86_400;
  const found = (process: Partial<ReportedProcess> & Pick<ReportedProcess, 'pid'>): ReportedProcess => ({
    belongs: 'pidfile',
    role: 'main',
    state: 'running',
    evidence: '',
    exe: null,
    argv0: null,
    uid: null,
    startTime: null,
    started: null,
    uptime: null,
    ...process,
  });
  const LOCK = { path: '', holder: null, command: null, problem: null };
  const PIDFILE = { pids: 1, uid: 0, gid: 0, mode: '0644', link: null };

  test('when the README shows a healthy service, it is what sipwd prints', () => {
    const binfile = '/usr/bin/memcached';
    const report: Report = {
      service: {
        name: 'memcached',
        runfile: '/run/memcached.runs',
        binfile,
        pidfile: '/run/memcached/memcached.pid',
        command: '/usr/local/etc/rc.d/memcached.sh run',
        forceRestartFile: null,
      },
      enabled: true,
      state: 'down',
      lastStart: null,
      warnings: [],
      pidfile: { ...PIDFILE, uid: 103, gid: 107, age: 130 },
      problem: null,
      resolved: [binfile],
      processes: [
        found({
          pid: 4711,
          evidence: evidence.exe(binfile),
          exe: binfile,
          argv0: binfile,
          uid: 103,
          started: new Date('2024-11-22T14:25:00').toISOString(),
          uptime: 130,
        }),
      ],
      forceRestart: 'absent',
      lock: LOCK,
      hold: null,
      backoff: { failures: 0, pausedUntil: null },
      plan: { kind: 'nothing', why: why.allRun(), actions: [], status: 0 },
    };
    expect(exampleIn('README.md')).toBe(page(report, false));
  });

  test('when docs/dry-run.md shows orphans, it is what sipwd prints', () => {
    const binfile = '/usr/sbin/nginx';
    const command = '/usr/local/etc/rc.d/nginx.sh run';
    const worker: Partial<ReportedProcess> & { readonly uptime: number } = {
      belongs: 'snapshot',
      role: 'worker',
      evidence: evidence.exe(binfile),
      exe: binfile,
      argv0: 'nginx: worker process',
      uid: 33,
      started: new Date('2024-11-22T14:27:10').toISOString(),
      uptime: 3 * DAY + DAY / 6,
    };
    const report: Report = {
      service: {
        name: 'nginx',
        runfile: '/run/nginx.runs',
        binfile,
        pidfile: '/run/nginx.pid',
        command,
        forceRestartFile: null,
      },
      enabled: true,
      state: 'down',
      lastStart: null,
      warnings: [],
      pidfile: { ...PIDFILE, age: worker.uptime },
      problem: null,
      resolved: [binfile],
      processes: [
        found({ pid: 4711, belongs: null, state: 'gone', evidence: because.absent() }),
        found({ pid: 4712, ...worker }),
        found({ pid: 4713, ...worker }),
      ],
      forceRestart: 'absent',
      lock: LOCK,
      hold: null,
      backoff: { failures: 0, pausedUntil: null },
      plan: {
        kind: 'clean up and start',
        why: `PID 4711 ${because.absent()}`,
        actions: [
          { kind: 'signal', signals: ['SIGTERM', 'SIGCONT'], pids: [4712, 4713], killAfter: 8 },
          { kind: 'start', command },
        ],
        status: 0,
      },
    };
    expect(exampleIn('docs/dry-run.md')).toBe(page(report, false));
  });
});
