import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { EXIT, Exit } from '../../src/exit.ts';
import { Binary } from '../../src/files/binary.ts';
import { type Message, messages } from '../../src/log/messages.ts';
import { because } from '../../src/log/reasons.ts';
import { fullVerdictOn, quickVerdictOn } from '../../src/process/match.ts';
import { Procfs } from '../../src/process/procfs.ts';
import { type Guard, terminate } from '../../src/process/terminate.ts';
import type { Running, Verdict, Witness } from '../../src/process/verdict.ts';
import { exeOf, isAlive, start, startSleeper } from '../support/process.ts';
import { type TestService, testService } from '../support/service.ts';
import { notesIn, noting, startTrapping } from '../support/traps.ts';
import { until } from '../support/wait.ts';

const proc = new Procfs();
const TERMINATION = { signal: 'SIGTERM', timeout: 200, coreTimeout: 0 } as const;

/** The guard of a run, except for what a test changes, and the messages that are logged. */
function guardOf(service: TestService, changed: Partial<Guard> = {}) {
  const said: string[] = [];
  const say = ({ level, text }: Message) => void (level === 'debug' || said.push(text));
  const log = { isVerbose: false, say, written: async () => undefined, open: () => undefined };
  const binary = new Binary(service.binfile, undefined);
  const check = (known: Witness) => quickVerdictOn(known.pid, binary, proc, known);
  const guard: Guard = {
    binfile: service.binfile,
    verdictOn: check,
    isDumpingCore: (pid) => proc.isDumpingCore(pid),
    requireEnabled: () => undefined,
    log,
    ...changed,
  };
  return { guard, said, check };
}

/** A process as the check of a run finds it. */
async function running(pid: number, { binfile }: TestService): Promise<Running> {
  const verdict = await fullVerdictOn(pid, new Binary(binfile, undefined), proc);
  if (verdict.kind !== 'running') throw new Error(`${pid} is ${verdict.kind}`);
  return verdict;
}

/** The verdict when the PID has been given to a later process of the same service. */
function recycled(verdict: Verdict): Verdict {
  return verdict.kind === 'running' ? { ...verdict, startTime: verdict.startTime + 1 } : verdict;
}

test('when a PID was recycled before the first signal, it is not signalled and not waited for', async () => {
  const service = testService();
  const pid = await startTrapping(service.binfile, noting(service.path('notes')));
  const { guard, said } = guardOf(service);
  const process = await running(pid, service);
  expect(await terminate([{ ...process, startTime: process.startTime - 1 }], TERMINATION, guard)).toEqual([]);
  expect(said).toEqual([]);
  expect(notesIn(service.path('notes'))).toEqual([]);
  expect(isAlive(pid)).toBe(true);
});

test('when a PID is recycled while the processes before it are signalled, it is not signalled', async () => {
  const service = testService();
  const first = await startSleeper(service.binfile);
  const pid = await startTrapping(service.binfile, noting(service.path('notes')));
  const { check } = guardOf(service);
  const { guard, said } = guardOf(service, {
    verdictOn: (each) => (each.pid === first || said.length === 0 ? check(each) : recycled(check(each))),
  });
  const processes = [await running(first, service), await running(pid, service)];
  expect(await terminate(processes, TERMINATION, guard)).toEqual([]);
  expect(said).toEqual([`sent SIGTERM and SIGCONT to PID ${first} (${service.binfile})`]);
  expect(notesIn(service.path('notes'))).toEqual([]);
  expect(isAlive(pid)).toBe(true);
});

test('when a PID is recycled between the last check of the wait and SIGKILL, it gets no SIGKILL', async () => {
  const service = testService();
  const deaf = await startSleeper(service.binfile, "trap '' TERM");
  const { check } = guardOf(service);
  let isRecycled = false;
  const { guard, said } = guardOf(service, {
    verdictOn: (each) => (isRecycled ? recycled(check(each)) : check(each)),
    // Asked after the check of the wait, and before the check of the signal.
    isDumpingCore: () => {
      isRecycled = true;
      return false;
    },
  });
  expect(await terminate([await running(deaf, service)], { ...TERMINATION, coreTimeout: 10_000 }, guard)).toEqual([]);
  expect(isRecycled).toBe(true);
  expect(said).toEqual([`sent SIGTERM and SIGCONT to PID ${deaf} (${service.binfile})`]);
  expect(isAlive(deaf)).toBe(true);
});

test('when a PID is recycled in the wait after SIGTERM, it gets no SIGKILL and is not waited for', async () => {
  const service = testService();
  const deaf = await startSleeper(service.binfile, "trap '' TERM");
  const { check } = guardOf(service);
  const { guard, said } = guardOf(service, {
    verdictOn: (each) => (said.length === 0 ? check(each) : recycled(check(each))),
  });
  expect(await terminate([await running(deaf, service)], TERMINATION, guard)).toEqual([]);
  expect(said).toEqual([`sent SIGTERM and SIGCONT to PID ${deaf} (${service.binfile})`]);
  expect(isAlive(deaf)).toBe(true);
});

test('when a process exits and is reaped just before the signal, that is success, and nothing is logged', async () => {
  const service = testService();
  // Its parent, a shell, reaps it at once.
  start('/bin/sh', ['-c', `${service.binfile} 1000 & echo $! >${service.pidfile}; wait; exec sleep 1000`]);
  const { check } = guardOf(service);
  const pid = await until('it runs', () => service.pids.find((each) => exeOf(each) === service.binfile));
  let isReaped = false;
  const { guard, said } = guardOf(service, {
    verdictOn: (each) => {
      const verdict = check(each);
      // The first check is the last one before the signal.
      if (!isReaped) killNow(each.pid);
      isReaped = true;
      return verdict;
    },
  });
  expect(await terminate([await running(pid, service)], TERMINATION, guard)).toEqual([]);
  expect(said).toEqual([]);
});

test('when the service is disabled after the first signal, the second process gets none', async () => {
  const service = testService();
  const notes = service.path('notes');
  const first = await startSleeper(service.binfile);
  const second = await startTrapping(service.binfile, noting(notes));
  const { guard, said } = guardOf(service, {
    requireEnabled: () => {
      if (said.length > 0) throw new Exit(EXIT.ok, messages.disabledMeanwhile(service.runfile));
    },
  });
  const processes = [await running(first, service), await running(second, service)];
  await expect(terminate(processes, TERMINATION, guard)).rejects.toMatchObject({ status: EXIT.ok });
  expect(said).toEqual([`sent SIGTERM and SIGCONT to PID ${first} (${service.binfile})`]);
  expect(notesIn(notes)).toEqual([]);
  expect(isAlive(second)).toBe(true);
});

test('when a process can no longer be checked, it gets no SIGKILL and counts as unkillable', async () => {
  const service = testService();
  const deaf = await startSleeper(service.binfile, "trap '' TERM");
  const { check } = guardOf(service);
  const process = await running(deaf, service);
  const { startTime } = process;
  const unknown: Verdict = { kind: 'unknown', pid: deaf, startTime, why: 'cannot be checked', isExiting: false };
  const { guard, said } = guardOf(service, { verdictOn: (each) => (said.length === 0 ? check(each) : unknown) });
  const unkillable = [{ pid: deaf, why: 'cannot be checked' }];
  expect(await terminate([process], TERMINATION, guard)).toEqual(unkillable);
  expect(said).toEqual([`sent SIGTERM and SIGCONT to PID ${deaf} (${service.binfile})`]);
  expect(isAlive(deaf)).toBe(true);
});

test('when one is unkillable and another dumps core for longer, each gets 5 s from its own SIGKILL', async () => {
  const service = testService();
  const stuck = await startSleeper(service.binfile, "trap '' TERM");
  const dumping = await startSleeper(service.binfile, "trap '' TERM");
  const [one, other] = [await running(stuck, service), await running(dumping, service)];
  const began = performance.now();
  // Half a second after the time of the first is over; the second needs as long again to exit.
  const isDumping = () => performance.now() < began + 5700;
  const { check } = guardOf(service);
  const { guard, said } = guardOf(service, {
    isDumpingCore: (pid) => pid === dumping && isDumping(),
    verdictOn: (each) => {
      const isThere = each.pid === stuck || performance.now() < began + 6400;
      return isThere ? (each.pid === stuck ? one : other) : check(each);
    },
  });
  const unkillable = [{ pid: stuck, why: because.unkillable(5) }];
  expect(await terminate([one, other], { ...TERMINATION, coreTimeout: 20_000 }, guard)).toEqual(unkillable);
  const killed = [stuck, dumping].map((pid) => messages.sent('SIGKILL', pid, service.binfile).text);
  expect(said.filter((text) => text.includes('SIGKILL to'))).toEqual(killed);
});

/** Kills a process and returns when its PID is free: there is no await between the check and the signal. */
function killNow(pid: number): void {
  process.kill(pid, 'SIGKILL');
  const deadline = performance.now() + 5000;
  while (existsSync(`/proc/${pid}`)) {
    if (performance.now() > deadline) throw new Error(`${pid} is not reaped`);
  }
}
