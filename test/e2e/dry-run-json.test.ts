import { existsSync, readFileSync, rmSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { Inspection } from '../../src/dry-run/inspect.ts';
import { Crew, WORKER } from '../support/crew.ts';
import { foretell, inPart } from '../support/dry-run.ts';
import { NO_PID } from '../support/process.ts';
import { testService } from '../support/service.ts';
import { startSipwd } from '../support/sipwd.ts';
import { until } from '../support/wait.ts';

/** The paths of all values that are no objects: `plan.steps[].kind`. */
function pathsIn(value: unknown, path = ''): string[] {
  if (Array.isArray(value)) return value.flatMap((item) => pathsIn(item, `${path}[]`));
  if (typeof value !== 'object' || value === null) return [path];
  return Object.entries(value).flatMap(([key, item]) => pathsIn(item, path === '' ? key : `${path}.${key}`));
}

/** Dry runs in which, together, everything that can be there is there. */
async function examples(): Promise<Inspection[]> {
  const crew = new Crew([WORKER.plain]);
  await crew.startSeen();
  crew.service.write('svc.force', '');
  const forced = await foretell(crew);
  rmSync(crew.service.forceFile);
  const absent = testService();
  const left = await foretell({ args: ['-e', ...absent.args] });
  const hanging = `touch ${absent.path('hangs')}; exec ${absent.binfile} 1000`;
  startSipwd(absent.args.with(3, hanging), { stdout: 'ignore', stderr: 'ignore' });
  await until('the command of a run hangs', () => existsSync(absent.path('hangs')));
  return [forced, left, await foretell(absent)];
}

test('when the README describes the keys, they are those of the object', async () => {
  const [, section = ''] = readFileSync('README.md', 'utf8').split('### The dry run\n');
  const documented = [...(section.split(/\n#/, 1)[0] ?? '').matchAll(/^\| `([^`]+)`/gm)].map(([, key]) => key);
  // Those of survivors are those of processes.
  const found = (await examples())
    .flatMap((each) => pathsIn(each))
    .map((path) => path.replace(/^survivors\[\].*/, 'survivors[]'));
  expect(documented.toSorted()).toEqual([...new Set(found)].sort());
});

test('when it is read by a program, it has what the page has', async () => {
  const service = testService();
  await inPart(service);
  const [pid = 0] = service.pids;
  const { runfile, binfile, pidfile, command, forceFile } = service;
  const uid = process.getuid?.();
  const nothing = { exe: null, argv0: null, uid: null, startTime: null, started: null, uptime: null };
  expect(await foretell(service)).toEqual({
    service: { runfile, binfile, pidfile, command, forceRestartFile: forceFile },
    isMeantToRun: true,
    pidfile: { pids: 2, uid, gid: expect.any(Number), mode: '0644', age: expect.any(Number), link: null },
    problem: null,
    resolved: [binfile],
    processes: [
      {
        pid,
        state: 'running',
        evidence: `exe ${binfile}`,
        exe: binfile,
        argv0: binfile,
        uid,
        startTime: expect.any(Number),
        started: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
        uptime: expect.any(Number),
      },
      { pid: NO_PID, state: 'gone', evidence: 'is no process', ...nothing },
    ],
    survivors: [],
    forceRestart: 'absent',
    lock: { path: expect.stringMatching(/\.lock$/), holder: null, problem: null },
    plan: {
      action: 'clean up and start',
      why: `PID ${NO_PID} is no process`,
      steps: [
        { kind: 'signal', signals: ['SIGTERM', 'SIGCONT'], pids: [pid], killAfter: 8 },
        { kind: 'run', command },
      ],
      status: 1,
    },
  });
});
