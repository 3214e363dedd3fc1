import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { identityOf } from '../../src/files/pidfile.ts';
import { because } from '../../src/log/reasons.ts';
import { Procfs } from '../../src/process/procfs.ts';
import { exeOf } from '../../src/process/program.ts';
import type { Verdict } from '../../src/process/verdict.ts';
import { COOKIE, mayStillComeUp, membersOfHealthy, survey } from '../../src/service/members.ts';
import type { Start } from '../../src/service/snapshot.ts';
import { ABSENT, Altered, OTHER_PROGRAM, type Shown, UNREADABLE } from '../support/altered.ts';
import { Crew, snapshotOf, WORKER } from '../support/crew.ts';
import { kill } from '../support/family.ts';
import { startSleeper } from '../support/process.ts';
import { checkOf, contextWith, idOf, pidfileOf, rewrite, runningIn, seen, store } from '../support/seen.ts';

async function surveyOf(crew: Crew, options: Parameters<typeof checkOf>[1] = {}) {
  const check = checkOf(crew, options);
  const pidfile = pidfileOf(crew);
  return survey(check, pidfile, await check.verdicts(pidfile), contextWith(options.proc ?? new Procfs()));
}

/** The evidence for each member, by PID. */
async function membersOf(crew: Crew, options: Parameters<typeof checkOf>[1] = {}): Promise<Record<number, string>> {
  const { members } = await surveyOf(crew, options);
  return Object.fromEntries(members.map(({ pid, evidence }) => [pid, evidence]));
}

/** A daemon that was healthy, and whose main process was killed; it has two workers. */
async function orphaned() {
  const { crew, workers } = await seen(WORKER.plain, WORKER.plain);
  const [first, second] = workers;
  if (first === undefined || second === undefined) throw new Error('there are no two workers');
  await crew.killMain();
  return { crew, first, second };
}

describe('the members of a service', () => {
  test('when all of it runs, they are the main processes, then the workers, each once', async () => {
    const { crew, main, workers } = await seen(WORKER.plain, WORKER.plain);
    const { members } = await surveyOf(crew);
    expect(members).toEqual([
      { ...main, exe: crew.service.binfile, evidence: 'pidfile', isMain: true },
      ...workers.map((each) => ({ ...each, exe: crew.worker, evidence: 'snapshot', isMain: false })),
    ]);
    const check = checkOf(crew);
    const running = await runningIn(check, crew);
    const descent = members.map((each) => (each.isMain ? each : { ...each, evidence: 'descent' }));
    expect(membersOfHealthy(running, check.descendants(running))).toEqual(descent);
  });

  test('when a worker was forked after the snapshot, it is a member by descent', async () => {
    const { crew, main } = await seen();
    crew.tell(WORKER.plain);
    await crew.complete(1);
    const [worker = 0] = crew.workers;
    expect(await membersOf(crew)).toEqual({ [main.pid]: 'pidfile', [worker]: 'descent' });
  });

  test('when the pidfile names a worker, it is a main process, and stands first', async () => {
    const { crew, main, workers } = await seen(WORKER.plain);
    crew.service.write('one.pid', `${workers[0]?.pid}\n`);
    const { members } = await surveyOf(crew);
    expect(members).toMatchObject([
      { ...workers[0], evidence: 'pidfile', isMain: true },
      { ...main, evidence: 'snapshot', isMain: true },
    ]);
  });

  test('when the pidfile was lost or rewritten, the processes of the snapshot are members', async () => {
    const { crew, main, workers } = await seen(WORKER.plain);
    const [worker = main] = workers;
    rewrite(crew);
    expect(await membersOf(crew)).toEqual({ [main.pid]: 'pidfile', [worker.pid]: 'snapshot' });
    rmSync(crew.pidfile);
    expect(await membersOf(crew)).toEqual({ [main.pid]: 'snapshot', [worker.pid]: 'snapshot' });
  });

  test('when the snapshot is not to be used, only the pidfile and descent are evidence', async () => {
    const { crew, main, workers } = await seen(WORKER.plain);
    expect(await membersOf(crew, { snapshot: 'none' })).toEqual({
      [main.pid]: 'pidfile',
      [workers[0]?.pid ?? 0]: 'descent',
    });
    await crew.killMain();
    expect(await membersOf(crew, { snapshot: 'none' })).toEqual({});
  });

  test('when a worker of the snapshot still runs, it is a member; when it has exited, it is not', async () => {
    const { crew, first, second } = await orphaned();
    expect(await membersOf(crew)).toEqual({ [first.pid]: 'snapshot', [second.pid]: 'snapshot' });
    await kill([first.pid]);
    expect(await membersOf(crew)).toEqual({ [second.pid]: 'snapshot' });
  });

  test.each<[string, Shown]>([
    ['runs another program', OTHER_PROGRAM],
    ['was recycled', { stat: { startTime: 1 } }],
  ])('when the PID of a worker %s, it is no member', async (_, shown) => {
    const { crew, first, second } = await orphaned();
    expect(await membersOf(crew, { proc: new Altered(first.pid, shown) })).toEqual({ [second.pid]: 'snapshot' });
  });

  test('when a worker of the snapshot is exiting, it is still a member', async () => {
    const { crew, first } = await orphaned();
    const { members } = await surveyOf(crew, { proc: new Altered(first.pid, { exe: ABSENT }) });
    expect(members[0]).toEqual({ ...first, exe: undefined, evidence: 'snapshot', isMain: false });
  });

  test('when a worker cannot be inspected, it is a member if the snapshot names it, and otherwise not', async () => {
    const { crew, main, workers } = await seen(WORKER.plain);
    const [worker = main] = workers;
    const proc = new Altered(worker.pid, { stat: { comm: 'x' }, ...UNREADABLE });
    expect(await membersOf(crew, { proc })).toEqual({ [main.pid]: 'pidfile', [worker.pid]: 'snapshot' });
    rmSync(snapshotOf(crew));
    expect(await checkOf(crew, { proc }).verdictOn(worker.pid)).toMatchObject({ kind: 'unknown', isExiting: false });
    expect(await membersOf(crew, { proc })).toEqual({ [main.pid]: 'pidfile' });
  });

  test('when a process of the pidfile can no longer be inspected, it is in doubt, and no member', async () => {
    const { crew, main } = await seen();
    rmSync(snapshotOf(crew));
    const pidfile = pidfileOf(crew);
    const verdicts = await checkOf(crew).verdicts(pidfile);
    const proc = new Altered(main.pid, { stat: { comm: 'x' }, ...UNREADABLE });
    const found = await survey(checkOf(crew, { proc }), pidfile, verdicts, contextWith(proc));
    expect(found).toMatchObject({ members: [], inDoubt: [{ pid: main.pid }] });
  });

  test('when sipwd descends from a process of the snapshot, that is no member', async () => {
    const { crew, main, workers } = await seen(WORKER.plain);
    const parent = { ...idOf(process.ppid), exe: crew.service.binfile };
    const proc = new Altered(parent.pid, { exe: { kind: 'read', value: parent.exe } });
    await store(crew, [parent], checkOf(crew, { proc }));
    const check = checkOf(crew, { proc });
    expect(await check.verdictOn(parent.pid)).toMatchObject({ kind: 'running', ...parent });
    expect(check.stored?.snapshot?.workers.map(({ pid }) => pid)).toEqual([...workers, parent].map(({ pid }) => pid));
    expect(await membersOf(crew, { proc })).toEqual({ [main.pid]: 'pidfile', [workers[0]?.pid ?? 0]: 'snapshot' });
  });

  test('when the snapshot of another service names a descendant, it is no member', async () => {
    const { crew, main, workers } = await seen(WORKER.plain);
    const [worker = main] = workers;
    const other = new Crew([]);
    other.service.write('one.pid', '42\n');
    const named = [{ ...worker, exe: crew.worker }];
    expect(checkOf(other).storeHealthy(pidfileOf(other), [], named)).toBeUndefined();
    expect(await membersOf(crew)).toEqual({ [main.pid]: 'pidfile' });
  });
});

const START: Start = { cookie: String(process.pid).padStart(32, '0'), began: 0, pidfile: '', state: 'not confirmed' };

/** A daemon whose last start wrote no pidfile, but for what is written afterwards. */
async function unconfirmed(state: Start['state'], { before, after }: { before?: string; after?: string } = {}) {
  const crew = new Crew([]);
  const env = { ...process.env, [COOKIE]: START.cookie };
  const own = await startSleeper(crew.service.copy('/bin/sleep', crew.service.name), ':', { env });
  const other = await startSleeper('/bin/sleep', ':', { env });
  const start = { ...START, state, pidfile: before ?? identityOf(pidfileOf(crew)) };
  expect(checkOf(crew).storeStart(start)).toBeUndefined();
  if (after !== undefined) writeFileSync(crew.pidfile, after);
  return { ...(await surveyOf(crew)), own, other };
}

describe('a start that is not confirmed', () => {
  test.each(['not confirmed', 'running'] as const)(
    'when the last start is "%s", all that carries its cookie is a member, whatever program it runs',
    async (state) => {
      const { members, unconfirmed: carriers, own, other } = await unconfirmed(state);
      expect(members.map(({ pid, evidence }) => [pid, evidence])).toEqual([
        [own, 'cookie'],
        [other, 'cookie'],
      ]);
      const uptime = Number.parseFloat(readFileSync('/proc/uptime', 'utf8'));
      expect(carriers.map(({ pid }) => pid)).toEqual([own, other]);
      for (const { pid, startTime, exe, age } of carriers) {
        expect({ pid, startTime, exe }).toEqual({ ...idOf(pid), exe: exeOf(pid, new Procfs()) });
        expect(age).toBeGreaterThanOrEqual(0);
        expect(age).toBeLessThanOrEqual(uptime - startTime / 100 + 0.01);
      }
    },
  );

  test('when the pidfile of before was removed meanwhile, the start is not confirmed', async () => {
    const { unconfirmed: carriers, own, other } = await unconfirmed('not confirmed', { before: '1 2 3' });
    expect(carriers.map(({ pid }) => pid)).toEqual([own, other]);
  });

  test.each<[string, Start['state'], string?]>([
    ['has failed', 'failed'],
    ['is confirmed', 'confirmed'],
    ['was followed by a pidfile', 'not confirmed', ''],
  ])('when the last start %s, only what matches is a member, and nothing is unconfirmed', async (_, state, after) => {
    const found = await unconfirmed(state, after === undefined ? {} : { after });
    expect(found.unconfirmed).toEqual([]);
    expect(found.members.map(({ pid, evidence }) => [pid, evidence])).toEqual([[found.own, 'cookie']]);
  });

  test('when the pidfile names one of its processes that runs another program, it may still come up', () => {
    const pidfile = '1 2 4';
    const verdict = (cause: 'other program' | 'no process'): Verdict[] => [
      { kind: 'gone', pid: 7, cause, why: because.absent() },
    ];
    const started = { ...START, pidfile: '1 2 3' };
    expect(mayStillComeUp(started, pidfile, verdict('other program'), new Set([7]))).toBe(true);
    expect(mayStillComeUp(started, pidfile, verdict('other program'), new Set([8]))).toBe(false);
    expect(mayStillComeUp(started, pidfile, verdict('no process'), new Set([7]))).toBe(false);
    expect(mayStillComeUp(null, pidfile, verdict('other program'), new Set([7]))).toBe(false);
  });
});
