import { existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Binary } from '../src/files/binary.ts';
import { readPidfile } from '../src/files/pidfile.ts';
import { Memory } from '../src/memory.ts';
import { judge, type ProcessId, type Running, type Verdict } from '../src/process/identity.ts';
import { Procfs } from '../src/process/procfs.ts';
import { Crew, recordOf, WORKER } from './support/crew.ts';
import { temporaryFolder } from './support/folder.ts';
import { startTimeOf } from './support/process.ts';

const proc = new Procfs();
const idOf = (pid: number) => ({ pid, startTime: Number(startTimeOf(pid)) });
const NOBODY_RUNS = (pid: number): Verdict => ({ kind: 'gone', pid, why: 'is no process' });

/** A daemon that was seen healthy, and what is remembered of it. */
async function seen(...lines: string[]) {
  const crew = new Crew(lines);
  await crew.start();
  const binary = new Binary(crew.service.binfile, process.env.PATH);
  const judgeOne = (pid: number) => judge(pid, binary, proc);
  const recall = () => Memory.recall(crew.pidfile, process.env, proc);
  const pidfile = readPidfile(crew.pidfile);
  expect((await recall()).keep(pidfile, [running(idOf(crew.main))], judgeOne)).toBeUndefined();
  return { crew, pidfile, judgeOne, recall, memory: await recall(), main: running(idOf(crew.main)) };
}

const running = ({ pid, startTime }: ProcessId): Running => ({
  kind: 'running',
  pid,
  startTime,
  threads: 1,
  evidence: 'exe',
});
const unknown = (pid: number, startTime: number | undefined, passing = false): Verdict => ({
  kind: 'unknown',
  pid,
  startTime,
  why: 'cannot be told',
  passing,
});

describe('the verdict in the light of what is remembered', () => {
  test('when the start time is the one on record, it stays', async () => {
    const { memory, pidfile, main } = await seen();
    expect(memory.correct(running(main), pidfile)).toEqual(running(main));
  });

  test('when the start time is another, the PID was recycled, whether it can be told what runs there or not', async () => {
    const { memory, pidfile, main } = await seen();
    const later = { ...main, startTime: main.startTime + 1 };
    const recycled = { kind: 'gone', pid: main.pid, why: expect.stringContaining(`not at ${main.startTime} `) };
    expect(memory.correct(running(later), pidfile)).toEqual(recycled);
    expect(memory.correct(unknown(later.pid, later.startTime), pidfile)).toEqual(recycled);
  });

  test('when the start time cannot be read, it stays', async () => {
    const { memory, pidfile, main } = await seen();
    expect(memory.correct(unknown(main.pid, undefined), pidfile)).toEqual(unknown(main.pid, undefined));
  });

  test('when the PID is not on record, it stays', async () => {
    const { memory, pidfile } = await seen();
    const other = running(idOf(process.pid));
    expect(memory.correct(other, pidfile)).toEqual(other);
  });

  test('when the pidfile has changed since, it stays', async () => {
    const { crew, memory, main } = await seen();
    crew.service.write('one.pid', `${main.pid}\n`);
    const later = running({ ...main, startTime: main.startTime + 1 });
    expect(memory.correct(later, readPidfile(crew.pidfile))).toEqual(later);
  });
});

describe('many processes that are known at a glance', () => {
  const PIDS = Array.from({ length: 32 }, (_, index) => index + 100);
  const BINARY = new Binary('/bin/svc', undefined);

  /** A /proc that can change between two looks. */
  function changing() {
    const root = temporaryFolder({ 'sys/kernel/random/boot_id': 'boot' });
    const put = (pid: number) => {
      rmSync(join(root, String(pid)), { recursive: true, force: true });
      mkdirSync(join(root, String(pid)));
      symlinkSync('/bin/svc', join(root, String(pid), 'exe'));
    };
    for (const pid of PIDS) put(pid);
    const pidfile = readPidfile(join(temporaryFolder({ pid: PIDS.join(' ') }), 'pid'));
    const recall = () => Memory.recall(pidfile.path, { ...process.env, XDG_RUNTIME_DIR: root }, new Procfs(root));
    return { pidfile, put, recall };
  }
  const all = PIDS.map((pid) => running({ pid, startTime: 1 }));

  test('when they were judged after the glance, the next glance is enough', async () => {
    const { pidfile, recall } = changing();
    const memory = await recall();
    expect(memory.recognise(pidfile, BINARY)).toBeUndefined();
    expect(memory.keep(pidfile, all, NOBODY_RUNS)).toBeUndefined();
    expect((await recall()).recognise(pidfile, BINARY)).toMatchObject({ kind: 'healthy', running: { length: 32 } });
  });

  test('when a PID is recycled between the glance and the verdicts, the stranger is not known again', async () => {
    const { pidfile, put, recall } = changing();
    const memory = await recall();
    expect(memory.recognise(pidfile, BINARY)).toBeUndefined();
    put(107);
    expect(memory.keep(pidfile, all, NOBODY_RUNS)).toBeUndefined();
    expect((await recall()).recognise(pidfile, BINARY)).toBeUndefined();
  });
});

describe('the survivors', () => {
  test('when a descendant on record still runs, it is one; when it has gone or is another by now, it is not', async () => {
    const { crew, memory, judgeOne, pidfile } = await seen(WORKER.plain, WORKER.plain);
    const workers = crew.workers.map(idOf);
    await crew.killMain();
    expect(memory.survivors(pidfile, [], judgeOne)).toEqual(workers);
    expect(memory.survivors(pidfile, [], NOBODY_RUNS)).toEqual([]);
    expect(memory.survivors(pidfile, [], (pid) => running({ pid, startTime: 1 }))).toEqual([]);
  });

  test('when it is on its way out, it is one still; when it cannot be told what it is, it is none', async () => {
    const { crew, memory, pidfile } = await seen(WORKER.plain);
    const [worker = idOf(0)] = crew.workers.map(idOf);
    await crew.killMain();
    expect(memory.survivors(pidfile, [], (pid) => unknown(pid, worker.startTime, true))).toEqual([worker]);
    expect(memory.survivors(pidfile, [], (pid) => unknown(pid, worker.startTime))).toEqual([]);
  });

  test('when it is in the pidfile itself, or a present descendant as well, it counts once', async () => {
    const { crew, memory, judgeOne, main, pidfile } = await seen(WORKER.plain, WORKER.plain);
    const [first = main, second = main] = crew.workers.map(idOf).map(running);
    expect(memory.survivors(pidfile, [main], judgeOne)).toEqual(
      [first, second].map(({ pid, startTime }) => ({ pid, startTime })),
    );
    expect(memory.survivors(pidfile, [main, first], judgeOne)).toEqual([
      { pid: second.pid, startTime: second.startTime },
    ]);
  });

  test('when nothing is to be remembered, only those of running processes are survivors', async () => {
    const { crew, judgeOne, main, pidfile } = await seen(WORKER.plain);
    expect(Memory.none(proc).survivors(pidfile, [main], judgeOne)).toEqual(crew.workers.map(idOf));
    expect(Memory.none(proc).survivors(pidfile, [], judgeOne)).toEqual([]);
  });
});

describe('what is kept', () => {
  test('when this boot cannot be told from another, nothing is written, and why is told', async () => {
    const crew = new Crew([]);
    crew.service.write('one.pid', '42\n');
    const memory = await Memory.recall(crew.pidfile, process.env, new Procfs(temporaryFolder()));
    const problem = memory.keep(readPidfile(crew.pidfile), [], NOBODY_RUNS);
    expect(problem).toBe('there is no telling this boot from another');
    expect(existsSync(await recordOf(crew))).toBe(false);
  });

  test('when a run with the same PID was killed while it wrote, what it left is no hindrance', async () => {
    const { crew, main, pidfile, judgeOne, recall } = await seen(WORKER.plain);
    const record = await recordOf(crew);
    rmSync(record);
    writeFileSync(`${record}.${process.pid}`, 'x'.repeat(10_000), { mode: 0o600 });
    expect((await recall()).keep(pidfile, [main], judgeOne)).toBeUndefined();
    expect((await recall()).survivors(pidfile, [], judgeOne)).toEqual(crew.workers.map(idOf));
    expect(existsSync(`${record}.${process.pid}`)).toBe(false);
  });

  test('when nothing is to be remembered, nothing is written', async () => {
    const crew = new Crew([]);
    crew.service.write('one.pid', '42\n');
    expect(Memory.none(proc).keep(readPidfile(crew.pidfile), [], NOBODY_RUNS)).toBeUndefined();
    expect(existsSync(await recordOf(crew))).toBe(false);
  });

  test('when what was seen cannot be used, why is told; when there is nothing, there is no problem', async () => {
    const { recall, memory, crew } = await seen();
    expect(memory.problem).toBeUndefined();
    const blind = await Memory.recall(crew.pidfile, process.env, new Procfs(temporaryFolder()));
    expect(blind.problem).toBe('it is from another boot');
    expect((await Memory.recall(crew.service.path('other.pid'), process.env, proc)).problem).toBeUndefined();
    expect((await recall()).problem).toBeUndefined();
  });
});
