import { describe, expect, test } from 'vitest';
import { messages } from '../../../src/log/messages.ts';
import { because } from '../../../src/log/reasons.ts';
import { lineOf, sent, TERM } from '../../support/messages.ts';
import { commOf, exeOf, isAlive, NO_PID, start, startSleeper, stateOf } from '../../support/process.ts';
import { testService } from '../../support/service.ts';
import { sipwd } from '../../support/sipwd.ts';
import { notesIn, noting, startTrapping } from '../../support/traps.ts';
import { until } from '../../support/wait.ts';

describe('the processes that are signalled', () => {
  test('when two of three PIDs run, both get SIGTERM and SIGCONT, and then the service is started', async () => {
    const service = testService();
    const [one, two] = [await startSleeper(service.binfile), await startSleeper(service.binfile)];
    service.writePids(one, NO_PID, two);
    const run = await sipwd(service.args);
    expect(run.status).toBe(0);
    expect(run.said.slice(0, -1)).toEqual([
      lineOf(messages.down(`PID ${NO_PID} ${because.absent()}`), service.name),
      ...sent(TERM, service, [one, two]),
      lineOf(messages.starting(service.command), service.name),
    ]);
    expect(run.events.at(-1)).toBe('started');
    expect([isAlive(one), isAlive(two)]).toEqual([false, false]);
    expect(service.starts).toBe(1);
  });

  test('when a PID in the pidfile runs another binary, it is not signalled', async () => {
    const service = testService();
    const stranger = await startTrapping('/usr/sbin/stranger', noting(service.path('notes')));
    const left = await startSleeper(service.binfile);
    service.writePids(stranger, left);
    const run = await sipwd(service.args);
    expect(run.status).toBe(0);
    const reason = because.otherBinary(exeOf(stranger) ?? '', service.binfile);
    expect(run.said[0]).toBe(lineOf(messages.down(`PID ${stranger} ${reason}`), service.name));
    expect([isAlive(stranger), isAlive(left)]).toEqual([true, false]);
    expect(notesIn(service.path('notes'))).toEqual([]);
  });

  test('when a process matches and is not in the pidfile, it is not signalled', async () => {
    const service = testService();
    const unlisted = await startTrapping(service.binfile, noting(service.path('notes')));
    const left = await startSleeper(service.binfile);
    service.writePids(left, NO_PID);
    const run = await sipwd(service.args);
    expect(run.status).toBe(0);
    expect([isAlive(unlisted), isAlive(left)]).toEqual([true, false]);
    expect(notesIn(service.path('notes'))).toEqual([]);
  });

  test.each([{ pids: [NO_PID] }, { pids: [4_194_304, NO_PID, 4_194_302] }])(
    'when none of the PIDs $pids runs, nothing is signalled, and the service is started',
    async ({ pids }) => {
      const service = testService();
      service.writePids(...pids);
      const run = await sipwd(service.args);
      expect(run.status).toBe(0);
      const reason = pids.map((pid) => `PID ${pid} ${because.absent()}`).join(', ');
      expect(run.said[0]).toBe(lineOf(messages.down(reason), service.name));
      expect(run.events).toEqual(['down', 'starting', 'started']);
      expect(service.starts).toBe(1);
    },
  );
});

describe('the exit of a process', () => {
  test('when it is stopped, it is continued, exits on SIGTERM and needs no SIGKILL', async () => {
    const service = testService();
    const left = await startTrapping(service.binfile, `trap 'echo TERM >>${service.path('notes')}; exit' TERM`);
    process.kill(left, 'SIGSTOP');
    await until(`${left} is stopped`, () => stateOf(left) === 'T');
    service.writePids(left, NO_PID);
    const run = await sipwd(['--term-timeout', '5', ...service.args]);
    expect(run.status).toBe(0);
    expect(run.linesOf('sent')).toEqual(sent(TERM, service, [left]));
    expect(notesIn(service.path('notes'))).toEqual(['TERM']);
    expect(service.starts).toBe(1);
  });

  test('when its parent never reaps it, it has exited as a zombie, and the start does not wait for more', async () => {
    const service = testService();
    start('/bin/sh', ['-c', `${service.binfile} 1000 & echo $! >${service.pidfile}; exec sleep 1000`]);
    const left = await until('it runs', () => service.pids.find((pid) => commOf(pid) === service.name));
    service.writePids(left, NO_PID);
    const run = await sipwd(service.args);
    expect(stateOf(left)).toBe('Z');
    expect(run.status).toBe(0);
    expect(run.linesOf('sent')).toEqual(sent(TERM, service, [left]));
    expect(service.starts).toBe(1);
  });

  test('when it executes another program instead, it gets no SIGKILL, and the start does not wait for it', async () => {
    const service = testService();
    const left = await startTrapping(service.binfile, "trap 'exec sleep 1000' TERM");
    service.writePids(left, NO_PID);
    const run = await sipwd(['--term-timeout', '5', ...service.args]);
    expect(run.status).toBe(0);
    expect(commOf(left)).toBe('sleep');
    expect(run.linesOf('sent')).toEqual(sent(TERM, service, [left]));
    expect(service.starts).toBe(1);
  });
});

describe('another program that starts the service during the run', () => {
  test.each([
    ['a clean-up', 'TERM', [NO_PID]],
    ['a forced restart', 'ABRT', []],
  ])('when the service comes up during %s, no second copy is started: WARN, exit 0', async (_, signal, rest) => {
    const service = testService();
    const left = await startTrapping(service.binfile, `trap '${service.uncountedCommand}; exit' ${signal}`);
    service.writePids(left, ...rest);
    if (signal === 'ABRT') service.write('svc.force', '');
    const run = await sipwd(service.args);
    expect(run.status).toBe(0);
    expect(service.pids).toHaveLength(1);
    expect(service.pids).not.toEqual([left]);
    expect(run.said.at(-1)).toBe(lineOf(messages.startedElsewhere(service.pids), service.name));
    expect(service.pids.filter(isAlive)).toEqual(service.pids);
    expect(service.starts).toBe(0);
  });

  test('when the service comes up while -e waits, no start is needed: exit 0', async () => {
    const service = testService();
    service.writePids(await startTrapping(service.binfile, `trap '${service.uncountedCommand}; exit' TERM`), NO_PID);
    const run = await sipwd(['-e', ...service.args]);
    expect(run.status).toBe(0);
    expect(run.events.at(-1)).toBe('startedElsewhere');
  });
});
