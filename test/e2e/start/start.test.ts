import { existsSync, readFileSync, rmSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { messages } from '../../../src/log/messages.ts';
import { because, problem, why } from '../../../src/log/reasons.ts';
import { lineOf } from '../../support/messages.ts';
import { exeOf, isAlive, start } from '../../support/process.ts';
import { type TestService, testService } from '../../support/service.ts';
import { type Run, sipwd, startSipwd } from '../../support/sipwd.ts';
import { until } from '../../support/wait.ts';

/** Shell commands that wait until the start command has exited. */
const IS_OVER = 'while kill -0 $$ 2>/dev/null; do sleep 0.02; done';

/** That the last line names all PIDs of the pidfile, and the time taken. */
function expectStarted({ status, said }: Run, { pids, name }: TestService): void {
  expect(status).toBe(0);
  const [seconds = ''] = /\d+\.\d\d(?= s$)/.exec(said.at(-1) ?? '') ?? [];
  expect(Number(seconds)).toBeGreaterThan(0);
  expect(said.at(-1)).toBe(lineOf(messages.started(pids, seconds), name));
}

describe('a service that comes up', () => {
  test('when the pidfile is written late, sipwd waits for it', async () => {
    const service = testService();
    const [, bin, pid] = service.args;
    const late = `(${IS_OVER}; echo $p >${pid}) >/dev/null 2>&1 &`;
    const run = await sipwd(service.args.with(3, `${bin} 1000 >/dev/null 2>&1 & p=$!; ${late}`));
    expectStarted(run, service);
  });

  test('when the command itself takes longer than the start timeout, the timeout begins after it', async () => {
    const service = testService();
    const [, bin, pid] = service.args;
    const command = `(${IS_OVER}; ${bin} 1000 & echo $! >${pid}) </dev/null >/dev/null 2>&1 & sleep 0.6`;
    const run = await sipwd(['--start-timeout', '0.5', ...service.args.with(3, command)]);
    expectStarted(run, service);
  });

  test('when the pidfile is unusable for a moment, it is read again', async () => {
    const service = testService();
    const [, bin, pid] = service.args;
    const late = `echo half-writ >${pid}; (${IS_OVER}; echo $p >${pid}) >/dev/null 2>&1 &`;
    const run = await sipwd(service.args.with(3, `${bin} 1000 >/dev/null 2>&1 & p=$!; ${late}`));
    expectStarted(run, service);
  });

  test('when one of two PIDs comes up late, sipwd waits for both', async () => {
    const service = testService();
    const [, bin, pid] = service.args;
    const daemon = (wait: string) =>
      `(echo $(exec sh -c 'echo $PPID') >>${pid}; ${wait}; exec ${bin} 1000) >/dev/null 2>&1 &`;
    const both = `${daemon(':')} ${daemon(IS_OVER)} while [ "$(wc -l <${pid})" != 2 ]; do sleep 0.02; done`;
    const run = await sipwd(service.args.with(3, both));
    expectStarted(run, service);
    expect(service.pids).toHaveLength(2);
  });

  test('when no PID comes up within the start timeout, that is logged: exit 3', async () => {
    const service = testService();
    const { status, said } = await sipwd(['--start-timeout', '0.3', ...service.args.with(3, 'true')]);
    expect(status).toBe(3);
    expect(said.at(-1)).toBe(lineOf(messages.notUp(0.3, why.noPidfile(service.pidfile)), service.name));
  });

  test('when the command does not rewrite the pidfile, which names another program, that is logged: exit 3', async () => {
    const service = testService();
    const stranger = start('/bin/sleep', ['1000']).pid;
    service.writePids(stranger);
    const { status, said } = await sipwd(['--start-timeout', '0.3', ...service.args.with(3, 'true')]);
    expect(status).toBe(3);
    const missing = why.notRewritten(service.pidfile, String(stranger));
    expect(said.at(-1)).toBe(lineOf(messages.notUp(0.3, missing), service.name));
    expect(isAlive(stranger)).toBe(true);
  });

  test('when the pidfile stays unusable, that is logged: exit 3', async () => {
    const service = testService();
    const command = `echo half-writ >${service.pidfile}`;
    const { status, said } = await sipwd(['--start-timeout', '0.3', ...service.args.with(3, command)]);
    expect(status).toBe(3);
    const what = messages.badPidfile(service.pidfile, problem.notAPid(1, '"half-writ"', 2, 4_194_304)).text;
    expect(said.at(-1)).toBe(lineOf(messages.notUp(0.3, what), service.name));
  });

  test('when the PID that comes up runs another binary, that is logged: exit 3', async () => {
    const service = testService();
    const stranger = start('/bin/sleep', ['1000']).pid;
    const command = `echo ${stranger} >${service.pidfile}`;
    const { status, said } = await sipwd(['--start-timeout', '0.3', ...service.args.with(3, command)]);
    expect(status).toBe(3);
    const reason = because.otherBinary(exeOf(stranger) ?? '', service.binfile);
    expect(said.at(-1)).toBe(lineOf(messages.notUp(0.3, `PID ${stranger} ${reason}`), service.name));
    expect(isAlive(stranger)).toBe(true);
  });

  test('when the start timeout is 0, the service is not checked after the start: exit 0', async () => {
    const service = testService();
    const run = await sipwd(['--start-timeout', '0', ...service.args.with(3, 'true')]);
    expect(run.status).toBe(0);
    expect(run.events).toEqual(['down', 'starting']);
  });

  test('when the runfile is removed during the wait, sipwd stops waiting: exit 0', async () => {
    const service = testService();
    const runs = service.path('runs');
    const { run } = startSipwd(['--start-timeout', '20', ...service.args.with(3, `echo $$ >${runs}`)]);
    const shell = await until('the command runs', () => (existsSync(runs) ? Number(readFileSync(runs, 'utf8')) : 0));
    await until('sipwd has reaped the shell', () => !existsSync(`/proc/${shell}`));
    rmSync(service.runfile);
    const { status, said } = await run;
    expect(status).toBe(0);
    expect(said.at(-1)).toBe(lineOf(messages.disabledAfterStart(service.runfile), service.name));
  });
});

test('when there is no such binary, that is logged after the reason: it may be a typo', async () => {
  const service = testService();
  const { pid } = start(service.binfile, ['1000']);
  service.writePids(pid);
  const binfile = `${service.binfile}y`;
  const run = await sipwd(['-e', ...service.args.with(1, binfile)]);
  const name = `${service.name}y`;
  expect(run.said.slice(0, 2)).toEqual([
    lineOf(messages.down(`PID ${pid} ${because.otherBinary(service.binfile, binfile)}`), name),
    lineOf(messages.noSuchBinary(binfile), name),
  ]);
});
