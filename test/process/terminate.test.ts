import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { Binary } from '../../src/files/binary.ts';
import type { Log } from '../../src/log/siplog.ts';
import { judge, type ProcessId, type Verdict } from '../../src/process/identity.ts';
import { Procfs } from '../../src/process/procfs.ts';
import { type Surroundings, terminate } from '../../src/process/terminate.ts';
import { isAlive, start, startSleeper } from '../support/process.ts';
import { type TestService, testService } from '../support/service.ts';
import { notesIn, noting, startTrapping } from '../support/traps.ts';
import { until } from '../support/wait.ts';

const proc = new Procfs();
const ENDING = { signal: 'SIGTERM', grace: 200, coreGrace: 0 } as const;

/** The world as it is, except for what a test has changed of it, and what was said in it. */
function worldOf(service: TestService, changed: Partial<Surroundings> = {}) {
  const said: string[] = [];
  const say = (message: string) => void said.push(message);
  const log: Log = { debug: say, info: say, warn: say, error: say, fatal: say };
  const binary = new Binary(service.binfile, undefined);
  const world: Surroundings = {
    binfile: service.binfile,
    judge: (pid) => judge(pid, binary, proc),
    isDumpingCore: (pid) => proc.isDumpingCore(pid),
    isMeantToRun: () => true,
    log,
    ...changed,
  };
  return { world, said, judge: (pid: number) => judge(pid, binary, proc) };
}

function running(pid: number, { judge }: { judge: (pid: number) => Verdict }): ProcessId {
  const verdict = judge(pid);
  if (verdict.kind !== 'running') throw new Error(`${pid} is ${verdict.kind}`);
  return verdict;
}

/** What is seen when the PID has been given to a later process of the same service. */
function recycled(verdict: Verdict): Verdict {
  return verdict.kind === 'running' ? { ...verdict, startTime: verdict.startTime + 1 } : verdict;
}

test('when a PID was recycled before the first signal, it is not signalled and not waited for', async () => {
  const service = testService();
  const pid = await startTrapping(service.binfile, noting(service.path('notes')));
  const { world, said, judge } = worldOf(service);
  const { startTime } = running(pid, { judge });
  expect(await terminate([{ pid, startTime: startTime - 1 }], ENDING, world)).toEqual({ kind: 'ended' });
  expect(said).toEqual([]);
  expect(notesIn(service.path('notes'))).toEqual([]);
  expect(isAlive(pid)).toBe(true);
});

test('when a PID is recycled between two looks, of which the signal follows the second, it is not signalled', async () => {
  const service = testService();
  const pid = await startTrapping(service.binfile, noting(service.path('notes')));
  const { judge } = worldOf(service);
  let looks = 0;
  const { world, said } = worldOf(service, { judge: (each) => (looks++ === 0 ? judge(each) : recycled(judge(each))) });
  expect(await terminate([running(pid, { judge })], ENDING, world)).toEqual({ kind: 'ended' });
  expect(said).toEqual([]);
  expect(notesIn(service.path('notes'))).toEqual([]);
  expect(isAlive(pid)).toBe(true);
});

test('when a PID is recycled in the wait after SIGTERM, it gets no SIGKILL and is not waited for', async () => {
  const service = testService();
  const deaf = await startSleeper(service.binfile, "trap '' TERM");
  const { judge } = worldOf(service);
  const { world, said } = worldOf(service, {
    judge: (pid) => (said.length === 0 ? judge(pid) : recycled(judge(pid))),
  });
  expect(await terminate([running(deaf, { judge })], ENDING, world)).toEqual({ kind: 'ended' });
  expect(said).toEqual([`sent SIGTERM and SIGCONT to PID ${deaf} (${service.binfile})`]);
  expect(isAlive(deaf)).toBe(true);
});

test('when a process exits and is reaped just before the signal, that is success, and nothing is said', async () => {
  const service = testService();
  // Its parent, a shell, reaps it at once.
  start('/bin/sh', ['-c', `${service.binfile} 1000 & echo $! >${service.pidfile}; wait; exec sleep 1000`]);
  const { judge } = worldOf(service);
  const pid = await until('it runs', () => service.pids.find((each) => judge(each).kind === 'running'));
  let looks = 0;
  const { world, said } = worldOf(service, {
    judge: (each) => {
      const verdict = judge(each);
      // The second look is the last one before the signal.
      if (++looks === 2) endNow(each);
      return verdict;
    },
  });
  expect(await terminate([running(pid, { judge })], ENDING, world)).toEqual({ kind: 'ended' });
  expect(said).toEqual([]);
});

test('when the service is withdrawn after the first signal, the second process gets none', async () => {
  const service = testService();
  const notes = service.path('notes');
  const first = await startSleeper(service.binfile);
  const second = await startTrapping(service.binfile, noting(notes));
  const { world, said, judge } = worldOf(service, { isMeantToRun: () => said.length === 0 });
  const processes = [first, second].map((pid) => running(pid, { judge }));
  expect(await terminate(processes, ENDING, world)).toEqual({ kind: 'withdrawn' });
  expect(said).toEqual([`sent SIGTERM and SIGCONT to PID ${first} (${service.binfile})`]);
  expect(notesIn(notes)).toEqual([]);
  expect(isAlive(second)).toBe(true);
});

test('when a process cannot be told any more, it gets no SIGKILL and counts as a survivor', async () => {
  const service = testService();
  const deaf = await startSleeper(service.binfile, "trap '' TERM");
  const { judge } = worldOf(service);
  const { startTime } = running(deaf, { judge });
  const unknown: Verdict = { kind: 'unknown', pid: deaf, startTime, why: 'cannot be told', passing: false };
  const { world, said } = worldOf(service, { judge: (pid) => (said.length === 0 ? judge(pid) : unknown) });
  const survivors = [{ pid: deaf, why: 'cannot be told' }];
  expect(await terminate([{ pid: deaf, startTime }], ENDING, world)).toEqual({ kind: 'survived', survivors });
  expect(said).toEqual([`sent SIGTERM and SIGCONT to PID ${deaf} (${service.binfile})`]);
  expect(isAlive(deaf)).toBe(true);
});

/** Ends a process and returns when its PID is free: there is no await between a look at it and the signal. */
function endNow(pid: number): void {
  process.kill(pid, 'SIGKILL');
  const deadline = performance.now() + 5000;
  while (existsSync(`/proc/${pid}`)) {
    if (performance.now() > deadline) throw new Error(`${pid} is not reaped`);
  }
}
