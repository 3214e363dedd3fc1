import { existsSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { toService } from '../../src/args/service.ts';
import { DEFAULT_SETTINGS, type Settings } from '../../src/args/settings.ts';
import { readPidfile } from '../../src/files/pidfile.ts';
import { Journal } from '../../src/log/log.ts';
import type { ProcessId } from '../../src/process/match.ts';
import { Procfs } from '../../src/process/procfs.ts';
import type { Reading } from '../../src/process/reader.ts';
import type { ProcessStat } from '../../src/process/stat.ts';
import { Check } from '../../src/service/check.ts';
import { Crew, snapshotOf, WORKER } from '../support/crew.ts';
import { kill } from '../support/family.ts';
import { temporaryFolder } from '../support/folder.ts';
import { startTimeOf } from '../support/process.ts';
import { until } from '../support/wait.ts';

const REFUSED = { kind: 'refused', errno: 'EACCES' } as const;
const ABSENT = { kind: 'absent' } as const;

/** What /proc shows of one process; undefined: what it really shows. */
interface Shown {
  readonly stat?: Partial<ProcessStat> | typeof REFUSED | typeof ABSENT;
  readonly exe?: Reading<string>;
  readonly argv0?: Reading<string>;
}

/** The real /proc, which shows one process differently. */
class Altered extends Procfs {
  constructor(
    private readonly pid: number,
    private readonly shown: Shown,
  ) {
    super();
  }

  override stat(pid: number): Reading<ProcessStat> {
    const real = super.stat(pid);
    const { stat } = this.shown;
    if (pid !== this.pid || real.kind !== 'read' || stat === undefined) return real;
    return 'kind' in stat ? stat : { kind: 'read', value: { ...real.value, ...stat } };
  }

  override exe(task: string): Reading<string> {
    return (this.#isOf(task) ? this.shown.exe : undefined) ?? super.exe(task);
  }

  override argv0(task: string): Reading<string> {
    return (this.#isOf(task) ? this.shown.argv0 : undefined) ?? super.argv0(task);
  }

  #isOf(task: string): boolean {
    return task.split('/', 1)[0] === String(this.pid);
  }
}

/** What makes a process unknown: neither its binary nor its name can be read. */
const UNREADABLE = { exe: REFUSED, argv0: REFUSED } as const;

const idOf = (pid: number): ProcessId => ({ pid, startTime: Number(startTimeOf(pid)) });

function checkOf(
  { args, service }: Crew,
  { proc = new Procfs(), binfile = service.binfile, ...changes }: Partial<Settings> & Options = {},
): Check {
  const [runfile = '', , pidfile = '', command = ''] = args;
  const settings = { ...DEFAULT_SETTINGS, ...changes };
  const log = new Journal(false).about();
  return new Check(toService([runfile, binfile, pidfile, command], settings), { proc, environment: process.env, log });
}

interface Options {
  readonly proc?: Procfs;
  readonly binfile?: string;
}

/** The running ones of its main processes. */
function runningIn(check: Check, crew: Crew) {
  return check.verdicts(readPidfile(crew.pidfile)).filter((verdict) => verdict.kind === 'running');
}

/** Stores a snapshot of what runs now. */
function store(check: Check, crew: Crew, others: readonly ProcessId[] = []): string | undefined {
  const running = runningIn(check, crew);
  return check.store(readPidfile(crew.pidfile), running, [...check.descendants(running), ...others]);
}

/** A daemon that was healthy, and its snapshot. */
async function seen(...lines: string[]) {
  const crew = new Crew(lines);
  await crew.start();
  // The shell that starts it writes the pidfile, maybe before the binary runs.
  await until('the main process runs', () => runningIn(checkOf(crew), crew).length === 1);
  expect(store(checkOf(crew), crew)).toBeUndefined();
  expect(existsSync(snapshotOf(crew))).toBe(true);
  return { crew, pidfile: readPidfile(crew.pidfile), main: idOf(crew.main), workers: crew.workers.map(idOf) };
}

describe('the verdicts, with a snapshot', () => {
  test('when the start time is that of the snapshot, the process is running', async () => {
    const { crew, pidfile, main } = await seen();
    expect(checkOf(crew).verdicts(pidfile)).toEqual([expect.objectContaining({ kind: 'running', ...main })]);
  });

  test('when the start time is another, the PID was recycled, whether the process matches or is unknown', async () => {
    const { crew, pidfile, main } = await seen();
    const startTime = main.startTime + 1;
    const recycled = { kind: 'gone', pid: main.pid, why: expect.stringContaining(`not at ${main.startTime} `) };
    const running = checkOf(crew, { proc: new Altered(main.pid, { stat: { startTime } }) });
    expect(running.verdictOn(main.pid)).toMatchObject({ kind: 'running', startTime });
    expect(running.verdicts(pidfile)).toEqual([recycled]);
    const unknown = checkOf(crew, { proc: new Altered(main.pid, { stat: { startTime, comm: 'x' }, ...UNREADABLE }) });
    expect(unknown.verdictOn(main.pid)).toMatchObject({ kind: 'unknown', startTime });
    expect(unknown.verdicts(pidfile)).toEqual([recycled]);
  });

  test('when the start time cannot be read, the process stays unknown', async () => {
    const { crew, pidfile, main } = await seen();
    const check = checkOf(crew, { proc: new Altered(main.pid, { stat: REFUSED }) });
    const unknown = { kind: 'unknown', pid: main.pid, startTime: undefined };
    expect(check.verdicts(pidfile)).toEqual([expect.objectContaining(unknown)]);
    expect(check.verdicts(pidfile)).toEqual([check.verdictOn(main.pid)]);
  });

  test('when the PID is not in the snapshot, its verdict stays the same', async () => {
    const { crew, pidfile, main } = await seen(WORKER.plain);
    const [worker = main.pid] = crew.workers;
    const check = checkOf(crew, { proc: new Altered(worker, { stat: { startTime: 1 } }) });
    const verdicts = check.verdicts({ ...pidfile, pids: [worker, main.pid] });
    expect(verdicts).toEqual([check.verdictOn(worker), check.verdictOn(main.pid)]);
    expect(verdicts).toMatchObject([{ kind: 'running', startTime: 1 }, { kind: 'running' }]);
  });

  test('when the pidfile was written since, the verdict stays the same', async () => {
    const { crew, main } = await seen();
    const startTime = main.startTime + 1;
    const check = checkOf(crew, { proc: new Altered(main.pid, { stat: { startTime } }) });
    rewrite(crew);
    const running = { kind: 'running', pid: main.pid, startTime };
    expect(check.verdicts(readPidfile(crew.pidfile))).toEqual([expect.objectContaining(running)]);
  });

  test('when the snapshot is not to be used, the verdict stays the same', async () => {
    const { crew, pidfile, main } = await seen();
    const startTime = main.startTime + 1;
    const check = checkOf(crew, { snapshot: 'none', proc: new Altered(main.pid, { stat: { startTime } }) });
    expect(check.verdicts(pidfile)).toMatchObject([{ kind: 'running', startTime }]);
  });
});

/** Writes the pidfile again, until its time of change differs. */
function rewrite({ service, pidfile, main }: Crew): void {
  const before = statSync(pidfile).mtimeMs;
  do service.write('one.pid', `${main}\n`);
  while (statSync(pidfile).mtimeMs === before);
}

describe('the workers', () => {
  test('when a worker of the snapshot still runs, it is one; when it is gone or was recycled, it is not', async () => {
    const { crew, pidfile, workers } = await seen(WORKER.plain, WORKER.plain);
    const [first, second] = workers;
    if (first === undefined || second === undefined) throw new Error('there are no two workers');
    await crew.killMain();
    const withShown = (shown: Shown) => checkOf(crew, { proc: new Altered(first.pid, shown) }).workers(pidfile, []);
    expect(withShown({})).toEqual([first, second]);
    expect(withShown({ exe: { kind: 'read', value: '/bin/other' }, argv0: { kind: 'read', value: 'other' } })).toEqual([
      second,
    ]);
    expect(withShown({ stat: { startTime: 1 } })).toEqual([second]);
    await kill([first.pid]);
    expect(withShown({})).toEqual([second]);
  });

  test('when a worker of the snapshot is exiting, it is still one; when it is unknown, it is not', async () => {
    const { crew, pidfile, main, workers } = await seen(WORKER.plain);
    const [worker = main] = workers;
    await crew.killMain();
    const withShown = (shown: Shown) => {
      const check = checkOf(crew, { proc: new Altered(worker.pid, shown) });
      return { verdict: check.verdictOn(worker.pid), workers: check.workers(pidfile, []) };
    };
    const unknown = { kind: 'unknown', startTime: worker.startTime };
    const exiting = { verdict: { ...unknown, isExiting: true }, workers: [worker] };
    expect(withShown({ exe: ABSENT })).toMatchObject(exiting);
    const unreadable = withShown({ stat: { comm: 'x' }, ...UNREADABLE });
    expect(unreadable.verdict).toMatchObject({ ...unknown, isExiting: false });
    expect(unreadable.workers).toEqual([]);
  });

  test('when a worker is a descendant and in the snapshot, it is there once; when it is in the pidfile, not at all', async () => {
    const { crew, pidfile, workers } = await seen(WORKER.plain, WORKER.plain);
    const check = checkOf(crew);
    const running = runningIn(check, crew);
    expect(running).toHaveLength(1);
    expect(workers).toHaveLength(2);
    expect(check.workers(pidfile, running)).toEqual(workers);
    const [first, second] = workers.map(({ pid }) => check.verdictOn(pid));
    if (first?.kind !== 'running' || second?.kind !== 'running') throw new Error('the workers do not run');
    expect(check.workers(pidfile, [...running, first])).toEqual([idOf(second.pid)]);
  });

  test('when the snapshot is not to be used, only the descendants of running processes are workers', async () => {
    const { crew, pidfile, workers } = await seen(WORKER.plain);
    const check = checkOf(crew, { snapshot: 'none' });
    expect(workers).toHaveLength(1);
    expect(check.workers(pidfile, runningIn(check, crew))).toEqual(workers);
    expect(check.workers(pidfile, [])).toEqual([]);
  });

  test('when the pidfile was written since, the workers of the snapshot are still workers', async () => {
    const { crew, workers } = await seen(WORKER.plain);
    rewrite(crew);
    expect(workers).toHaveLength(1);
    expect(checkOf(crew).workers(readPidfile(crew.pidfile), [])).toEqual(workers);
  });

  test('when sipwd descends from a process of the snapshot, that is not a worker', async () => {
    const { crew, pidfile, workers } = await seen(WORKER.plain);
    const parent = idOf(process.ppid);
    const exe: Reading<string> = { kind: 'read', value: crew.service.binfile };
    const proc = new Altered(parent.pid, { exe });
    rmSync(snapshotOf(crew));
    expect(store(checkOf(crew), crew, [parent])).toBeUndefined();
    const check = checkOf(crew, { proc });
    expect(check.verdictOn(parent.pid)).toMatchObject({ kind: 'running', ...parent });
    expect(check.stored?.snapshot?.workers).toEqual([...workers, parent]);
    expect(check.workers(pidfile, [])).toEqual(workers);
  });
});

describe('the snapshot that is stored', () => {
  test('when the boot ID cannot be read, nothing is stored, and the reason is returned', () => {
    const crew = new Crew([]);
    crew.service.write('one.pid', '42\n');
    const check = checkOf(crew, { proc: new Procfs(temporaryFolder()) });
    expect(check.store(readPidfile(crew.pidfile), [], [])).toBe('the boot ID cannot be read');
    expect(existsSync(snapshotOf(crew))).toBe(false);
  });

  test('when a run with the same PID was killed while it wrote, its temporary file is no hindrance', async () => {
    const { crew, pidfile, workers } = await seen(WORKER.plain);
    const snapshot = snapshotOf(crew);
    rmSync(snapshot);
    writeFileSync(`${snapshot}.${process.pid}`, 'x'.repeat(10_000), { mode: 0o600 });
    expect(store(checkOf(crew), crew)).toBeUndefined();
    expect(workers).toHaveLength(1);
    expect(checkOf(crew).workers(pidfile, [])).toEqual(workers);
    expect(existsSync(`${snapshot}.${process.pid}`)).toBe(false);
  });

  test.each(['none', 'read'] as const)('when the setting is "%s", nothing is stored', (snapshot) => {
    const crew = new Crew([]);
    crew.service.write('one.pid', '42\n');
    expect(checkOf(crew, { snapshot }).store(readPidfile(crew.pidfile), [], [])).toBeUndefined();
    expect(existsSync(snapshotOf(crew))).toBe(false);
  });

  test('when there is no pidfile, nothing is stored', () => {
    const crew = new Crew([]);
    expect(checkOf(crew).store(readPidfile(crew.pidfile), [], [])).toBeUndefined();
    expect(existsSync(snapshotOf(crew))).toBe(false);
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
