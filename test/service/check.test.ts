import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { identityOf } from '../../src/files/pidfile.ts';
import { Procfs } from '../../src/process/procfs.ts';
import type { Start } from '../../src/service/snapshot.ts';
import { Altered, OTHER_PATH, OTHER_PROGRAM, REFUSED, TITLED, UNREADABLE } from '../support/altered.ts';
import { Crew, snapshotOf, WORKER } from '../support/crew.ts';
import { temporaryFolder } from '../support/folder.ts';
import { checkOf, pidfileOf, rewrite, runningIn, seen, store } from '../support/seen.ts';

describe('the verdicts, with a snapshot', () => {
  test('when the start time is that of the snapshot, the process is running', async () => {
    const { crew, pidfile, main } = await seen();
    expect(await checkOf(crew).verdicts(pidfile)).toEqual([expect.objectContaining({ kind: 'running', ...main })]);
  });

  test('when the start time is another, the PID was recycled, whether the process matches or is unknown', async () => {
    const { crew, pidfile, main } = await seen();
    const startTime = main.startTime + 1;
    const why = expect.stringContaining(`not at ${main.startTime} `);
    const recycled = { kind: 'gone', pid: main.pid, cause: 'recycled', why };
    const running = checkOf(crew, { proc: new Altered(main.pid, { stat: { startTime } }) });
    expect(await running.verdictOn(main.pid)).toMatchObject({ kind: 'running', startTime });
    expect(await running.verdicts(pidfile)).toEqual([recycled]);
    const unknown = checkOf(crew, { proc: new Altered(main.pid, { stat: { startTime, comm: 'x' }, ...UNREADABLE }) });
    expect(await unknown.verdictOn(main.pid)).toMatchObject({ kind: 'unknown', startTime });
    expect(await unknown.verdicts(pidfile)).toEqual([recycled]);
  });

  test('when the start time cannot be read, the process stays unknown', async () => {
    const { crew, pidfile, main } = await seen();
    const check = checkOf(crew, { proc: new Altered(main.pid, { stat: REFUSED }) });
    const unknown = { kind: 'unknown', pid: main.pid, startTime: undefined };
    expect(await check.verdicts(pidfile)).toEqual([expect.objectContaining(unknown)]);
    expect(await check.verdicts(pidfile)).toEqual([await check.verdictOn(main.pid)]);
  });

  test('when the PID is not in the snapshot, its verdict stays the same', async () => {
    const { crew, pidfile, main } = await seen(WORKER.plain);
    const [worker = main.pid] = crew.workers;
    const check = checkOf(crew, { proc: new Altered(worker, { stat: { startTime: 1 } }) });
    const verdicts = await check.verdicts({ ...pidfile, pids: [worker, main.pid] });
    expect(verdicts).toEqual([await check.verdictOn(worker), await check.verdictOn(main.pid)]);
    expect(verdicts).toMatchObject([{ kind: 'running', startTime: 1 }, { kind: 'running' }]);
  });

  test('when the pidfile was written since, the verdict stays the same', async () => {
    const { crew, main } = await seen();
    const startTime = main.startTime + 1;
    const check = checkOf(crew, { proc: new Altered(main.pid, { stat: { startTime } }) });
    rewrite(crew);
    const running = { kind: 'running', pid: main.pid, startTime };
    expect(await check.verdicts(pidfileOf(crew))).toEqual([expect.objectContaining(running)]);
  });

  test('when the snapshot is not to be used, the verdict stays the same', async () => {
    const { crew, pidfile, main } = await seen();
    const startTime = main.startTime + 1;
    const check = checkOf(crew, { snapshot: 'none', proc: new Altered(main.pid, { stat: { startTime } }) });
    expect(await check.verdicts(pidfile)).toMatchObject([{ kind: 'running', startTime }]);
  });
});

describe('the snapshot as a witness', () => {
  test.each([
    ['its title has changed and its binary was replaced', TITLED],
    ['its binary can no longer be read', { stat: { comm: 'x' }, ...UNREADABLE }],
  ])('when %s, the process runs, and without the snapshot it does not', async (_, shown) => {
    const { crew, pidfile, main } = await seen();
    const { binfile, name } = crew.service;
    renameSync(binfile, crew.service.path('old'));
    crew.service.copy('/bin/sh', name);
    const proc = new Altered(main.pid, shown);
    expect(await checkOf(crew, { proc }).verdicts(pidfile)).toEqual([
      expect.objectContaining({ kind: 'running', ...main, evidence: expect.stringMatching(/^same process as in /) }),
    ]);
    const [without] = await checkOf(crew, { proc, snapshot: 'none' }).verdicts(pidfile);
    expect(['gone', 'unknown']).toContain(without?.kind);
  });

  test('when the process has executed the same path again, where another file is now, it runs', async () => {
    const { crew, pidfile, main } = await seen();
    await store(crew, [], checkOf(crew, { proc: new Altered(main.pid, { exe: OTHER_PATH }) }));
    const proc = new Altered(main.pid, OTHER_PROGRAM);
    expect(await checkOf(crew, { proc }).verdicts(pidfile)).toMatchObject([{ kind: 'running', ...main }]);
  });

  test('when the process has executed another program, it is gone', async () => {
    const { crew, pidfile, main } = await seen();
    const proc = new Altered(main.pid, OTHER_PROGRAM);
    const gone = { kind: 'gone', pid: main.pid, cause: 'other program' };
    expect(await checkOf(crew, { proc }).verdicts(pidfile)).toMatchObject([gone]);
    expect(await checkOf(crew, { proc }).verdictOn(main.pid)).toMatchObject(gone);
  });
});

describe('the snapshot of another <binfile>', () => {
  test('when the process does not match the new one, it is gone; when it does, it runs, unless it was recycled', async () => {
    const { crew, pidfile, main } = await seen();
    const gone = { kind: 'gone', pid: main.pid, cause: 'other program' };
    const check = checkOf(crew, { binfile: '/bin/other' });
    expect(await check.verdicts(pidfile)).toMatchObject([gone]);
    expect(await check.verdictOn(main.pid)).toMatchObject(gone);
    const binfile = `/bin/${crew.service.name}`;
    expect(await checkOf(crew, { binfile }).verdicts(pidfile)).toMatchObject([{ kind: 'running', ...main }]);
    const proc = new Altered(main.pid, { stat: { startTime: 1 } });
    expect(await checkOf(crew, { binfile, proc }).verdicts(pidfile)).toMatchObject([{ ...gone, cause: 'recycled' }]);
  });
});

describe('the snapshot that is stored', () => {
  const START: Start = { cookie: 'c'.repeat(32), began: 1, pidfile: '', state: 'not confirmed' };

  test('when the boot ID cannot be read, nothing is stored, and the reason is returned', () => {
    const crew = new Crew([]);
    crew.service.write('one.pid', '42\n');
    const check = checkOf(crew, { proc: new Procfs(temporaryFolder()) });
    expect(check.storeHealthy(pidfileOf(crew), [], [])).toBe('the boot ID cannot be read');
    expect(check.storeStart(START)).toBe('the boot ID cannot be read');
    expect(existsSync(snapshotOf(crew))).toBe(false);
  });

  test('when a run with the same PID was killed while it wrote, its temporary file is no hindrance', async () => {
    const { crew, workers } = await seen(WORKER.plain);
    const snapshot = snapshotOf(crew);
    rmSync(snapshot);
    writeFileSync(`${snapshot}.${process.pid}`, 'x'.repeat(10_000), { mode: 0o600 });
    await store(crew);
    expect(workers).toHaveLength(1);
    expect(checkOf(crew).stored?.snapshot?.workers).toEqual(workers.map((each) => expect.objectContaining(each)));
    expect(existsSync(`${snapshot}.${process.pid}`)).toBe(false);
  });

  test.each(['none', 'read'] as const)('when the setting is "%s", nothing is stored', (snapshot) => {
    const crew = new Crew([]);
    crew.service.write('one.pid', '42\n');
    const check = checkOf(crew, { snapshot });
    expect(check.storeHealthy(pidfileOf(crew), [], [])).toBeUndefined();
    expect(check.storeStart(START)).toBeUndefined();
    expect(existsSync(snapshotOf(crew))).toBe(false);
  });

  test('when there is no pidfile, nothing is stored for a healthy service', () => {
    const crew = new Crew([]);
    expect(checkOf(crew).storeHealthy(pidfileOf(crew), [], [])).toBeUndefined();
    expect(existsSync(snapshotOf(crew))).toBe(false);
  });

  test('when the service is started without a snapshot, the start is stored', () => {
    const crew = new Crew([]);
    expect(checkOf(crew).storeStart(START)).toBeUndefined();
    expect(checkOf(crew).stored?.snapshot).toMatchObject({
      ...{ pidfile: '', access: null, mains: [], workers: [], start: START },
    });
  });

  test('when processes carry the cookie and belong to another service, they are stored as strangers', async () => {
    const { crew, pidfile } = await seen();
    expect(checkOf(crew).storeStart(START)).toBeUndefined();
    const strangers = [{ pid: 42, startTime: 7 }];
    expect(checkOf(crew).storeHealthy(pidfile, [], [], strangers)).toBeUndefined();
    // Until the next start.
    expect(checkOf(crew).storeHealthy(pidfile, [], [])).toBeUndefined();
    expect(checkOf(crew).stored?.snapshot?.start).toEqual({ ...START, state: 'confirmed', strangers });
  });

  test('when the pidfile names a stranger, or a main process has it as a descendant, it is none any more', async () => {
    const { crew, pidfile, main, workers } = await seen(WORKER.plain);
    expect(checkOf(crew).storeStart(START)).toBeUndefined();
    const left = { pid: 42, startTime: 7 };
    const [worker = left] = workers;
    const strangers = [main, worker, left].map(({ pid, startTime }) => ({ pid, startTime }));
    expect(checkOf(crew).storeHealthy(pidfile, [], [], strangers)).toBeUndefined();
    const check = checkOf(crew);
    const running = await runningIn(check, crew);
    expect(check.storeHealthy(pidfile, running, check.descendants(running))).toBeUndefined();
    expect(checkOf(crew).stored?.snapshot?.start?.strangers).toEqual([left]);
  });

  test('when the service is started again, its last main processes stay known, and its workers are new', async () => {
    const { crew, pidfile, main } = await seen(WORKER.plain);
    expect(checkOf(crew).stored?.snapshot?.workers).toHaveLength(1);
    expect(checkOf(crew).storeStart(START)).toBeUndefined();
    expect(checkOf(crew).stored?.snapshot).toMatchObject({
      ...{ pidfile: identityOf(pidfile), mains: [main], workers: [], start: START },
    });
  });

  test('when the service is seen healthy after a start, that start is confirmed', async () => {
    const { crew } = await seen();
    expect(checkOf(crew).stored?.snapshot?.start).toBeNull();
    expect(checkOf(crew).storeStart(START)).toBeUndefined();
    await store(crew);
    expect(checkOf(crew).stored?.snapshot?.start).toEqual({ ...START, state: 'confirmed' });
  });

  test('when it cannot be used, there is a reason; when it can, or there is none, there is not', async () => {
    const { crew } = await seen();
    const { stored } = checkOf(crew);
    expect(stored?.snapshot).toBeDefined();
    expect(stored?.problem).toBeUndefined();
    const otherBoot = checkOf(crew, { proc: new Procfs(temporaryFolder()) }).stored;
    expect(otherBoot).toMatchObject({ problem: 'it is from another boot' });
    expect(otherBoot?.snapshot).toBeUndefined();
    rmSync(snapshotOf(crew));
    const none = checkOf(crew).stored;
    expect(none).toBeDefined();
    expect(none?.snapshot).toBeUndefined();
    expect(none?.problem).toBeUndefined();
  });
});
