import { existsSync, lstatSync, mkdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parseSnapshot } from '../../../src/service/snapshot.ts';
import { Crew, snapshotOf, WORKER } from '../../support/crew.ts';
import { kill } from '../../support/family.ts';
import { NO_PID, startTimeOf } from '../../support/process.ts';
import { testService } from '../../support/service.ts';
import { QUIET, sipwd } from '../../support/sipwd.ts';

const TWO = [WORKER.plain, WORKER.plain];

/** Changes whenever the file is written. */
const stamp = (path: string) => {
  const { ino, mtimeNs } = lstatSync(path, { bigint: true });
  return { ino, mtimeNs };
};

describe('the snapshot', () => {
  test('when a service is healthy, its main processes and workers are stored with their start times', async () => {
    const crew = new Crew(TWO);
    await crew.startSeen();
    const snapshot = snapshotOf(crew);
    const ids = (pids: readonly number[]) => pids.map((pid) => ({ pid, startTime: Number(startTimeOf(pid)) }));
    expect(JSON.parse(readFileSync(snapshot, 'utf8'))).toMatchObject({
      boot: readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim(),
      mains: ids([crew.main]),
      workers: ids(crew.workers),
    });
    expect(lstatSync(snapshot).mode).toBe(0o100_600);
  });

  test('when nothing has changed, it is not written; when a worker was replaced, it is', async () => {
    const crew = new Crew(TWO);
    await crew.startSeen();
    const snapshot = snapshotOf(crew);
    const first = stamp(snapshot);
    await crew.check();
    await crew.check();
    expect(stamp(snapshot)).toEqual(first);
    await kill(crew.workers.slice(0, 1));
    await crew.check();
    expect(stamp(snapshot)).not.toEqual(first);
  });

  test('when the pidfile was written again with the same PIDs, the snapshot is of the new file', async () => {
    const crew = new Crew(TWO);
    await crew.startSeen();
    const pidfileIn = (snapshot: string) => JSON.parse(readFileSync(snapshot, 'utf8')).pidfile;
    const first = pidfileIn(snapshotOf(crew));
    writeFileSync(crew.pidfile, readFileSync(crew.pidfile));
    await crew.check();
    expect(pidfileIn(snapshotOf(crew))).not.toBe(first);
  });

  test('when a force-restart file is ignored, it is stored', async () => {
    const crew = new Crew(TWO);
    await crew.start();
    mkdirSync(crew.service.forceFile);
    expect((await sipwd(crew.args)).status).toBe(0);
    expect(existsSync(snapshotOf(crew))).toBe(true);
  });

  test('when the service is down and its start fails, the start is stored, and the main processes stay', async () => {
    const crew = new Crew(TWO);
    await crew.startSeen();
    const stored = () => parseSnapshot(readFileSync(snapshotOf(crew), 'utf8'));
    const first = stored();
    await crew.killMain();
    expect((await sipwd(crew.args.with(3, 'exit 7'))).status).toBe(3);
    const start = {
      cookie: expect.stringMatching(/^[0-9a-f]{32}$/),
      began: expect.any(Number),
      // Removed as stale if the parent of the killed main process has not reaped it yet.
      pidfile: expect.toBeOneOf(['', first?.pidfile]),
      state: 'failed',
      runfile: expect.any(String),
    };
    const tally = { starts: 1, failedStarts: 1, forcedRestarts: 0, startedAt: expect.any(Number) };
    expect(stored()).toEqual({ ...first, workers: [], start, tally });
  });

  test('when <binfile> is another one, the processes must match again: each run starts the service, until it is corrected', async () => {
    const service = testService();
    for (const status of [0, 0]) expect(await sipwd(service.args)).toMatchObject({ status });
    const wrong = service.args.with(1, `${service.binfile}x`).with(3, 'exit 7');
    for (const status of [3, 3]) {
      const events = ['down', 'noSuchBinary', 'starting', 'startFailed'];
      expect(await sipwd(wrong)).toMatchObject({ status, events });
    }
    expect(await sipwd(service.args)).toMatchObject(QUIET);
  });

  test('when a temporary file of a process that does not exist is older than a minute, it is removed; a younger one stays', async () => {
    const crew = new Crew(TWO);
    await crew.start();
    const [old, young] = ['old', 'young'].map((name) => `${snapshotOf(crew)}.${name}.snapshot.${NO_PID}`);
    for (const path of [old, young]) writeFileSync(path ?? '', '');
    utimesSync(old ?? '', 0, 0);
    await sipwd(crew.args);
    expect([old, young].map((path) => existsSync(path ?? ''))).toEqual([false, true]);
    rmSync(young ?? '');
  });

  test('when --no-memory is given, it is neither stored nor used', async () => {
    const crew = new Crew(TWO);
    await crew.start();
    expect(await sipwd(['--no-memory', ...crew.args])).toMatchObject({ status: 0, stderr: '' });
    expect(existsSync(snapshotOf(crew))).toBe(false);
    await crew.check();
    const { workers } = crew;
    await crew.killMain();
    const run = await sipwd(['--no-memory', '-e', ...crew.args]);
    expect(run.status).toBe(1);
    expect(run.events).toEqual(['down', 'startNeeded']);
    expect(crew.workers).toEqual(workers);
  });
});
