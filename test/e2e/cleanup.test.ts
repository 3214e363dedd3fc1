import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { isAlive, NO_PID, start, startSleeper, stateOf } from '../support/process.ts';
import { testService } from '../support/service.ts';
import { sipwd } from '../support/sipwd.ts';
import { notesIn, noting, startTrapping } from '../support/traps.ts';
import { until } from '../support/wait.ts';

describe('who is signalled', () => {
  test('when two of three PIDs run, both get SIGTERM and SIGCONT, which is said of each, and then it starts', async () => {
    const service = testService();
    const [one, two] = [await startSleeper(service.binfile), await startSleeper(service.binfile)];
    service.writePids(one, NO_PID, two);
    const run = await sipwd(service.args);
    expect(run.status).toBe(0);
    expect(run.said.slice(0, 4)).toEqual([
      `${service.binfile} is down: PID ${NO_PID} is no process`,
      `sent SIGTERM and SIGCONT to PID ${one} (${service.binfile})`,
      `sent SIGTERM and SIGCONT to PID ${two} (${service.binfile})`,
      `starting ${service.binfile}: ${service.command}`,
    ]);
    expect([isAlive(one), isAlive(two)]).toEqual([false, false]);
    expect(service.starts).toBe(1);
  });

  test('when a signal is sent, that is said at INFO', async () => {
    const service = testService();
    const left = await startSleeper(service.binfile);
    service.writePids(left, NO_PID);
    const run = await sipwd(service.args, { env: { SIPLOG_BEND: 'json' } });
    const entry = JSON.parse(run.said[1] ?? '');
    expect(entry).toMatchObject({ level: 30, msg: `sent SIGTERM and SIGCONT to PID ${left} (${service.binfile})` });
  });

  test('when a PID in the pidfile is a process of another binary, it gets no signal', async () => {
    const service = testService();
    const stranger = await startTrapping('/usr/sbin/stranger', noting(service.path('notes')));
    const left = await startSleeper(service.binfile);
    service.writePids(stranger, left);
    const run = await sipwd(service.args);
    expect(run.status).toBe(0);
    expect(run.said[0]).toMatch(new RegExp(`^${service.binfile} is down: PID ${stranger} runs .*, not `));
    expect([isAlive(stranger), isAlive(left)]).toEqual([true, false]);
    expect(notesIn(service.path('notes'))).toEqual([]);
  });

  test('when a process matches and is not in the pidfile, it gets no signal', async () => {
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
      const why = pids.map((pid) => `PID ${pid} is no process`).join(', ');
      expect(run.said.slice(0, 2)).toEqual([
        `${service.binfile} is down: ${why}`,
        `starting ${service.binfile}: ${service.command}`,
      ]);
      expect(service.starts).toBe(1);
    },
  );
});

describe('how it ends', () => {
  test('when a process is stopped, it is continued, so that it ends by SIGTERM and needs no SIGKILL', async () => {
    const service = testService();
    const left = await startTrapping(service.binfile, `trap 'echo TERM >>${service.path('notes')}; exit' TERM`);
    process.kill(left, 'SIGSTOP');
    await until(`${left} is stopped`, () => stateOf(left) === 'T');
    service.writePids(left, NO_PID);
    const run = await sipwd(['--term-timeout', '5', ...service.args]);
    expect(run.status).toBe(0);
    expect(run.said.join()).not.toContain('SIGKILL');
    expect(notesIn(service.path('notes'))).toEqual(['TERM']);
    expect(service.starts).toBe(1);
  });

  test('when its parent never reaps it, it has exited as a zombie, and the start does not wait for more', async () => {
    const service = testService();
    start('/bin/sh', ['-c', `${service.binfile} 1000 & echo $! >${service.pidfile}; exec sleep 1000`]);
    const left = await until('it runs', () => service.pids.find((pid) => nameOf(pid) === service.name));
    service.writePids(left, NO_PID);
    const run = await sipwd(service.args);
    expect(stateOf(left)).toBe('Z');
    expect(run.status).toBe(0);
    expect(run.said.join()).not.toContain('SIGKILL');
    expect(service.starts).toBe(1);
  });

  test('when it becomes another program instead, it is left in peace, and the start does not wait for it', async () => {
    const service = testService();
    const left = await startTrapping(service.binfile, "trap 'exec sleep 1000' TERM");
    service.writePids(left, NO_PID);
    const run = await sipwd(['--term-timeout', '5', ...service.args]);
    expect(run.status).toBe(0);
    expect(nameOf(left)).toBe('sleep');
    expect(run.said.join()).not.toContain('SIGKILL');
    expect(service.starts).toBe(1);
  });
});

function nameOf(pid: number): string {
  return readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
}

describe('somebody else who starts it meanwhile', () => {
  test.each([
    { of: 'a clean-up', signal: 'TERM', rest: [NO_PID] },
    { of: 'a forced restart', signal: 'ABRT', rest: [] },
  ])('when it comes up by itself in $of, no second copy is started: WARN, exit 0', async ({ signal, rest }) => {
    const service = testService();
    const again = `${service.binfile} 1000 </dev/null >/dev/null 2>&1 & echo $! >${service.pidfile}`;
    const left = await startTrapping(service.binfile, `trap '${again}; exit' ${signal}`);
    service.writePids(left, ...rest);
    if (signal === 'ABRT') service.write('svc.force', '');
    const run = await sipwd(service.args, { env: { SIPLOG_BEND: 'json' } });
    expect(run.status).toBe(0);
    const [fresh] = service.pids;
    expect(fresh).not.toBe(left);
    expect(JSON.parse(run.said.at(-1) ?? '')).toMatchObject({
      level: 40,
      msg: `somebody else has started ${service.binfile} meanwhile: PID ${fresh} runs; it was not started again`,
    });
    expect(isAlive(Number(fresh))).toBe(true);
    expect(service.starts).toBe(0);
  });

  test('when it comes up while -e waits, no start is needed: exit 0', async () => {
    const service = testService();
    const again = `${service.binfile} 1000 </dev/null >/dev/null 2>&1 & echo $! >${service.pidfile}`;
    service.writePids(await startTrapping(service.binfile, `trap '${again}; exit' TERM`), NO_PID);
    expect((await sipwd(['-e', ...service.args])).status).toBe(0);
  });
});
