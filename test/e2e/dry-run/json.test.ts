import { existsSync, rmSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { Report } from '../../../src/dry-run/report.ts';
import { because, evidence } from '../../../src/log/reasons.ts';
import { Crew, WORKER } from '../../support/crew.ts';
import { absent, inPart, rehearse } from '../../support/dry-run.ts';
import { NO_PID } from '../../support/process.ts';
import { allKeys } from '../../support/schema.ts';
import { testService } from '../../support/service.ts';
import { startSipwd } from '../../support/sipwd.ts';
import { until } from '../../support/wait.ts';

/** Reports that, together, have everything that a report can have, but for a link to the pidfile. */
async function examples(): Promise<Report[]> {
  const crew = new Crew([WORKER.plain]);
  await crew.startSeen();
  crew.service.write('svc.force', '');
  const forced = await rehearse(crew);
  rmSync(crew.service.forceFile);
  const down = testService();
  const withoutStart = await rehearse({ args: ['-e', ...down.args] });
  const hanging = `touch ${down.path('hangs')}; exec ${down.binfile} 1000`;
  startSipwd(down.args.with(3, hanging), { stdout: 'ignore', stderr: 'ignore' });
  await until('the command of a run hangs', () => existsSync(down.path('hangs')));
  return [forced, withoutStart, await rehearse(down), await rehearse(await inPart(testService()))];
}

/** All keys of all objects in a value. */
function keysIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  const keys = Array.isArray(value) ? [] : Object.keys(value);
  return [...keys, ...Object.values(value).flatMap(keysIn)];
}

test('when reports of all kinds are put together, they have every key that the schema describes', async () => {
  const found = (await examples()).flatMap(keysIn);
  expect([...new Set(found)].sort()).toEqual([...new Set(allKeys())].sort());
});

test('when a part of the service is gone, the report has all that was found, and the plan', async () => {
  const service = testService();
  await inPart(service);
  const [pid = 0] = service.pids;
  const { name, runfile, binfile, pidfile, command, forceFile } = service;
  const uid = process.getuid?.();
  const nothing = { exe: null, argv0: null, uid: null, startTime: null, started: null, uptime: null };
  expect(await rehearse(service)).toEqual({
    service: { name, runfile, binfile, pidfile, command, forceRestartFile: forceFile },
    enabled: true,
    state: 'down',
    lastStart: null,
    warnings: expect.any(Array),
    pidfile: { pids: 2, uid, gid: expect.any(Number), mode: '0644', age: expect.any(Number), link: null },
    problem: null,
    resolved: [binfile],
    processes: [
      {
        pid,
        belongs: 'pidfile',
        role: 'main',
        state: 'running',
        evidence: evidence.exe(binfile),
        exe: binfile,
        argv0: binfile,
        uid,
        startTime: expect.any(Number),
        started: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
        uptime: expect.any(Number),
      },
      { pid: NO_PID, belongs: null, role: 'main', state: 'gone', evidence: because.absent(), ...nothing },
    ],
    forceRestart: 'absent',
    lock: { path: expect.stringMatching(/\.lock$/), holder: null, command: null, problem: null },
    hold: null,
    backoff: { failures: 0, pausedUntil: null },
    plan: {
      kind: 'clean up and start',
      why: absent(),
      actions: [
        { kind: 'signal', signals: ['SIGTERM', 'SIGCONT'], pids: [pid], killAfter: 8 },
        { kind: 'start', command },
      ],
      status: 0,
    },
  });
});
