import { lstatSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { ABRT, Crew, recordOf, sent, WORKER } from '../support/crew.ts';
import { kill } from '../support/family.ts';
import { startMany } from '../support/many.ts';
import { commOf, isAlive, start, startAs, stateOf } from '../support/process.ts';
import { testService } from '../support/service.ts';
import { sipwd } from '../support/sipwd.ts';
import { until } from '../support/wait.ts';

/** So many are known at a glance. */
const MANY = 32;

const SIX_MINUTES = 360_000;

interface Record {
  readonly pidfile: string;
  readonly descendants: readonly { readonly pid: number }[];
  readonly glance?: { readonly at: number; readonly handles: string };
}

const read = (record: string): Record => JSON.parse(readFileSync(record, 'utf8'));
const workersIn = (record: string) => read(record).descendants.map(({ pid }) => pid);
const inodeOf = (record: string) => lstatSync(record).ino;

/** As if they had been looked at one by one at another time, or been others. */
function alter(record: string, ms: number, handles = ''): void {
  const { glance, ...rest } = read(record);
  const { at, handles: old } = glance ?? { at: 0, handles: '' };
  writeFileSync(record, JSON.stringify({ ...rest, glance: { at: at + ms, handles: handles + old } }));
}

/** A main process that does as it is told, with others of its binary in its pidfile; all were seen healthy. */
async function seen(count = MANY) {
  const crew = new Crew([]);
  await crew.start();
  const { main, pidfile, service } = crew;
  const shell = () => start(service.binfile, ['-s'], { stdio: ['pipe', 'ignore', 'ignore'] }).pid;
  const others = Array.from({ length: count - 1 }, shell);
  await until('all of them run', () => service.processes.length === count);
  writeFileSync(pidfile, [main, ...others].join('\n'));
  await crew.look();
  return { crew, service, main, others, pidfile, record: await recordOf(crew) };
}

/** What a run says that starts nothing. */
async function said(crew: Crew): Promise<string> {
  const run = await sipwd(['--exit-if-down', ...crew.args]);
  expect(run.status).toBe(1);
  return run.stderr;
}

describe('many processes that were looked at one by one less than five minutes ago', () => {
  test('when all are as they were, nothing is written, and first workers are not looked for', async () => {
    const { crew, record } = await seen();
    const inode = inodeOf(record);
    crew.tell(WORKER.plain);
    await crew.complete(1);
    await crew.look();
    expect(inodeOf(record)).toBe(inode);
    expect(workersIn(record)).toEqual([]);
  });

  test('when one was killed, the service is down', async () => {
    const { crew, others } = await seen();
    await kill(others.slice(5, 6));
    await until('nothing is left of it', () => stateOf(others[5] ?? 0) === undefined);
    expect(await said(crew)).toContain(` is down: PID ${others[5]} is no process\n`);
  });

  test('when one runs another program by now, the service is down', async () => {
    const { crew, main } = await seen();
    crew.tell('exec sleep 1000');
    await until('it does', () => commOf(main) === 'sleep');
    expect(await said(crew)).toMatch(new RegExp(` is down: PID ${main} runs \\S+, not `));
  });

  test('when one has exited and nobody reaps it, the service is down', async () => {
    const service = testService();
    const pids = await startMany(service, MANY - 1);
    await startAs(`${service.binfile} 1000 & echo $! >>${service.pidfile}; exec sleep 1000`, 'sleep');
    const zombie = await until('its PID is known', () => service.pids[MANY - 1]);
    await until('all of them run', () => service.processes.length === MANY);
    expect(await sipwd(service.args)).toMatchObject({ status: 0, stderr: '' });
    expect(read(await recordOf(service)).glance).toBeDefined();
    process.kill(zombie, 'SIGKILL');
    await until('it is a zombie', () => stateOf(zombie) === 'Z');
    const run = await sipwd(['--exit-if-down', ...service.args]);
    expect(run.said[0]).toBe(`${service.binfile} is down: PID ${zombie} has exited (a zombie that nobody reaped)`);
    expect(pids.filter(isAlive)).toEqual([]);
  });

  test('when the pidfile names one more, that one is judged', async () => {
    const { crew, pidfile } = await seen();
    const stranger = start('sleep', ['1000']).pid;
    writeFileSync(pidfile, `\n${stranger}\n`, { flag: 'a' });
    expect(await said(crew)).toMatch(new RegExp(` is down: PID ${stranger} runs \\S+, not `));
    expect(isAlive(stranger)).toBe(true);
  });

  test('when the pidfile was written again with the same PIDs, each is looked at, and the new file is remembered', async () => {
    const { crew, pidfile, record } = await seen();
    const before = read(record);
    writeFileSync(pidfile, readFileSync(pidfile));
    await crew.look();
    expect(read(record).pidfile).not.toBe(before.pidfile);
  });

  test('when they are forcibly restarted, new workers end as well', async () => {
    const { crew, service, main, others } = await seen();
    crew.tell(WORKER.plain);
    await crew.complete(1);
    const { workers } = crew;
    writeFileSync(service.forceFile, '');
    const run = await sipwd(crew.args);
    expect(run.status).toBe(0);
    for (const pid of [main, ...others]) expect(run.said).toContain(sent(ABRT, crew, [pid])[0]);
    expect([main, ...others, ...workers].filter(isAlive)).toEqual([]);
  });
});

describe('many processes', () => {
  test.each([
    ['the last look at each was more than five minutes ago', -SIX_MINUTES, ''],
    ['the last look at each lies in the future, for the clock was set', SIX_MINUTES, ''],
    ['one is another process by now', 0, '7 7\n'],
  ])('when %s, each is looked at, and new workers are written down', async (_, ms, handles) => {
    const { crew, record } = await seen();
    crew.tell(WORKER.plain);
    await crew.complete(1);
    alter(record, ms, handles);
    await crew.look();
    expect(workersIn(record)).toEqual(crew.workers);
  });

  test('when all have been looked at again, a glance is enough again', async () => {
    const { crew, record } = await seen();
    alter(record, -SIX_MINUTES);
    await crew.look();
    const inode = inodeOf(record);
    expect(Math.abs(Date.now() - (read(record).glance?.at ?? 0))).toBeLessThan(SIX_MINUTES / 2);
    await crew.look();
    expect(inodeOf(record)).toBe(inode);
  });

  test('when there are workers, each is looked at in every run, and the next worker is written down', async () => {
    const { crew, record } = await seen();
    crew.tell(WORKER.plain);
    await crew.complete(1);
    alter(record, -SIX_MINUTES);
    await crew.look();
    expect(read(record).glance).toBeUndefined();
    crew.tell(WORKER.plain);
    await crew.complete(2);
    await crew.look();
    expect(workersIn(record)).toEqual(crew.workers);
  });

  test('when an upgrade has replaced their binary, they are healthy', async () => {
    const service = testService();
    await startMany(service, MANY);
    const look = () => sipwd(service.args);
    expect(await look()).toMatchObject({ status: 0, stderr: '' });
    rmSync(service.binfile);
    service.copy('/bin/sleep', service.name);
    expect(await look()).toMatchObject({ status: 0, stderr: '' });
  });

  test('when the service is to be another program by now, it is down', async () => {
    const { crew, service } = await seen();
    const args = crew.args.with(1, service.path('other'));
    const run = await sipwd(['--exit-if-down', ...args]);
    expect(run.status).toBe(1);
    expect(run.said[0]).toMatch(/ is down: PID \d+ runs \S+, not \S+\/other,/);
  });

  test('when there is one fewer, each is looked at in every run', async () => {
    const { crew, record } = await seen(MANY - 1);
    expect(read(record).glance).toBeUndefined();
    crew.tell(WORKER.plain);
    await crew.complete(1);
    await crew.look();
    expect(workersIn(record)).toEqual(crew.workers);
  });

  test('when they are known by their argv[0] only, each is looked at in every run', async () => {
    const service = testService();
    const pids = Array.from({ length: MANY }, () => start('sleep', ['1000'], { argv0: service.binfile }).pid);
    service.writePids(...pids);
    const record = await recordOf(service);
    expect(await sipwd(service.args)).toMatchObject({ status: 0, stderr: '' });
    expect(read(record).glance).toBeUndefined();
    const inode = inodeOf(record);
    expect(await sipwd(service.args)).toMatchObject({ status: 0, stderr: '' });
    expect(inodeOf(record)).toBe(inode);
  });
});
