import { execFileSync } from 'node:child_process';
import { constants, existsSync, openSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { afterEach, describe, expect, test } from 'vitest';
import { messages } from '../../../src/log/messages.ts';
import { ended, why } from '../../../src/log/reasons.ts';
import { canMount, waitFor } from '../../support/caller.ts';
import { Hook } from '../../support/hook.ts';
import { take } from '../../support/locks.ts';
import { lineOf as said } from '../../support/messages.ts';
import { NO_PID, processesOf, start, startSleeper } from '../../support/process.ts';
import { type TestService, testService } from '../../support/service.ts';
import { isStandalone, NOT_STANDALONE, PROGRAM, QUIET, sipwd, sipwdIn, startSipwd } from '../../support/sipwd.ts';
import { lineOf, runTable, tableOf } from '../../support/table.ts';
import { until } from '../../support/wait.ts';

/** A service, the hook that watches it, and runs of both. */
function hooked() {
  const service = testService();
  const hook = new Hook(service);
  const run = (...options: string[]) => sipwd(['--on-event', hook.command, ...options, ...service.args]);
  return { service, hook, run };
}

describe('--on-event', () => {
  test('when the service is started, the hook has the event, and nothing else of sipwd', async () => {
    const { service, hook, run } = hooked();
    expect(await run()).toMatchObject({ status: 0, events: ['down', 'starting', 'started'] });
    expect(hook.calls).toEqual([
      {
        EVENT: 'started',
        NAME: service.name,
        BINFILE: service.binfile,
        PIDFILE: service.pidfile,
        MESSAGE: messages.down(why.noPidfile(service.pidfile)).text,
        STATUS: '0',
      },
    ]);
  });

  test('when the service is healthy or disabled, it is not run', async () => {
    const { service, hook, run } = hooked();
    service.writePids(start(service.binfile, ['1000']).pid);
    expect(await run()).toMatchObject(QUIET);
    rmSync(service.runfile);
    expect(await run()).toMatchObject(QUIET);
    expect(hook.calls).toEqual([]);
  });

  test('when another sipwd works on the service, or a start is left to the caller, it is not run', async () => {
    const { service, hook, run } = hooked();
    expect(await run('--exit-if-down')).toMatchObject({ status: 1 });
    expect(await take(service)).toMatchObject({ kind: 'ours' });
    expect(await run()).toMatchObject({ status: 75 });
    expect(hook.calls).toEqual([]);
  });

  test('when it is a dry run, it is not run', async () => {
    const { hook, run } = hooked();
    expect(await run('-n')).toMatchObject({ status: 1 });
    expect(hook.calls).toEqual([]);
  });

  test('when a forced restart is ordered, the event is restarted; without a core there is no SIPWD_CORE', async () => {
    const { service, hook, run } = hooked();
    service.writePids(await startSleeper(service.binfile));
    writeFileSync(service.forceFile, '');
    expect(await run()).toMatchObject({ status: 0 });
    expect(hook.calls).toMatchObject([
      { EVENT: 'restarted', MESSAGE: messages.forcedRestart(service.forceFile).text, STATUS: '0' },
    ]);
    expect(hook.calls[0]).not.toHaveProperty('CORE');
  });

  test('when the start is not checked, the event is started', async () => {
    const { hook, run } = hooked();
    expect(await run('--start-timeout', '0')).toMatchObject({ status: 0 });
    expect(hook.events).toEqual(['started']);
  });

  test('when a run fails, the event says how, with the status and the error', async () => {
    const { service, hook } = hooked();
    const runWith = (args: readonly string[]) => sipwd(['--on-event', hook.command, ...args]);
    await runWith(service.args.with(3, 'exit 7'));
    service.write('svc.pid', 'x');
    await runWith(service.args);
    rmSync(service.pidfile);
    symlinkSync('loop', service.path('loop'));
    await runWith(service.args.with(0, service.path('loop')));
    // This process is an ancestor of sipwd.
    service.writePids(process.pid, NO_PID);
    await runWith(service.args.with(1, 'node'));
    expect(hook.calls.map(({ EVENT, STATUS }) => `${EVENT} ${STATUS}`)).toEqual([
      'start-failed 3',
      'bad-pidfile 2',
      'cannot-tell 5',
      'not-stopped 4',
    ]);
    expect(hook.calls[0]?.MESSAGE).toBe(messages.startFailed(ended.status(7), 'exit 7').text);
  });

  test.skipIf(!canMount || isStandalone)(
    `when /proc is not mounted, the event is cannot-tell (needs mounts) ${NOT_STANDALONE}`,
    async () => {
      const { service, hook } = hooked();
      const run = await sipwdIn('mount -t tmpfs none /proc', ['--on-event', hook.command, ...service.args]);
      expect(run.status).toBe(1);
      expect(hook.calls).toMatchObject([{ EVENT: 'cannot-tell', STATUS: '1' }]);
    },
  );

  test('when a pause begins, the event is paused, once', async () => {
    const { service, hook } = hooked();
    const failing = ['--backoff', '600', '--on-event', hook.command, ...service.args.with(3, 'exit 7')];
    for (let count = 0; count < 4; count++) await sipwd(failing);
    expect(hook.events).toEqual(['start-failed', 'start-failed', 'paused']);
  });

  test('when names and messages hold what a shell or a mail would read, the hook gets them as they are, in one line', async () => {
    const service = testService();
    const hook = new Hook(service);
    const [pidfile, name] = [service.path('$(exit 9) "\'`;&.pid'), 'one\ntwo'];
    const args = ['--on-event', hook.command, '--name', name, ...service.args.with(2, pidfile).with(3, 'exit 7')];
    expect(await sipwd(args)).toMatchObject({ status: 3 });
    expect(hook.calls).toMatchObject([{ NAME: 'one\\ntwo', PIDFILE: pidfile }]);
  });

  test('when the message is longer than a variable may be, the hook gets its beginning', async () => {
    const { service, hook } = hooked();
    const command = `exit 7; # ${'x'.repeat(131_000)}`;
    await sipwd(['--on-event', hook.command, ...service.args.with(3, command)], { env: { SIPLOG_BEND: 'none' } });
    expect(hook.calls[0]?.MESSAGE).toMatch(/^start failed: .*x$/);
    expect(hook.calls[0]?.MESSAGE).toHaveLength(4096);
  });

  test('when sipwd was called by a hook or by a start command, the hook has neither its core nor its cookie', async () => {
    const { service, hook } = hooked();
    const env = { SIPWD_CORE: '/core', SIPWD_COOKIE: 'c', SIPWD_EVENT: 'x', MORE: 'kept' };
    await sipwd(['--on-event', `${hook.command}; echo "$MORE"`, ...service.args], { env });
    expect(hook.calls).toMatchObject([{ EVENT: 'started' }]);
    expect(Object.keys(hook.calls[0] ?? {})).not.toContain('CORE');
    expect(Object.keys(hook.calls[0] ?? {})).not.toContain('COOKIE');
  });

  test('when it prints, that is passed through after the messages of the run; its standard input is empty', async () => {
    const { service } = hooked();
    const run = await sipwd(['--on-event', 'cat; echo hook >&2', ...service.args], { input: 'x', stdin: 'pipe' });
    expect(run.stdout).toBe('');
    expect(run.stderr.trimEnd().split('\n').at(-1)).toBe('hook');
  });

  test('when the pidfile is bad, the error does not wait for the hook', async () => {
    const { service } = hooked();
    service.write('svc.pid', 'x');
    const run = await sipwd(['--on-event', 'echo hook >&2', ...service.args]);
    expect(run.stderr).toMatch(/cannot use pidfile .*\nhook\n$/);
  });

  test('when the limit on open files was raised, the hook has that of the caller', async () => {
    const { service } = hooked();
    const out = service.path('limit');
    const caller = ['/bin/sh', '-c', 'ulimit -S -n 200; "$@"; exit $?', 'sh', PROGRAM];
    await sipwd(['--on-event', `ulimit -S -n >${out}`, ...service.args], {}, caller);
    expect(readFileSync(out, 'utf8')).toBe('200\n');
  });

  test('when it fails, that is a warning, and the exit status stays', async () => {
    const { service } = hooked();
    const run = await sipwd(['--on-event', 'exit 9', ...service.args]);
    expect(run).toMatchObject({ status: 0, events: ['down', 'starting', 'started', 'hookFailed'] });
    expect(run.said.at(-1)).toBe(said(messages.hookFailed(ended.status(9), 'exit 9'), service.name));
  });

  test('when it runs, the lock of the service is free, and the next run can work', async () => {
    const { service } = hooked();
    const [began, gate] = [service.path('began'), service.path('go')];
    const { run } = startSipwd(['--on-event', `touch ${began}; ${waitFor(gate)}`, ...service.args.with(3, 'exit 7')]);
    await until('the hook runs', () => existsSync(began));
    expect(await sipwd(service.args)).toMatchObject({ status: 0 });
    service.write('go', '');
    expect(await run).toMatchObject({ status: 3 });
  });
});

describe('--on-event in a table', () => {
  test('when it is an option of a line, or a default, it is that of the service', async () => {
    const [one, two, three] = [testService(), testService(), testService()];
    const [hook, own] = [new Hook(one), new Hook(two)];
    three.writePids(start(three.binfile, ['1000']).pid);
    const table = tableOf(one, lineOf(one), lineOf(two, '--on-event', own.command), lineOf(three));
    expect(await runTable(table, '--on-event', hook.command)).toMatchObject({ status: 0 });
    expect(hook.calls).toMatchObject([{ EVENT: 'started', NAME: one.name }]);
    expect(own.calls).toMatchObject([{ EVENT: 'started', NAME: two.name }]);
  });

  test('when more hooks hang than services are repaired at a time, the other services are repaired', async () => {
    const service = testService();
    const gate = new Gate(service);
    const lines = Array.from({ length: 17 }, (_, index) => {
      const args = service.args.with(2, service.path(`${index}.pid`)).with(3, 'exit 7');
      return lineOf({ args }, '--on-event', gate.command);
    });
    const { run } = startSipwd(['--table', tableOf(service, ...lines, lineOf(service))]);
    await until('the last one is started', () => service.starts === 1);
    gate.open();
    expect(await run).toMatchObject({ status: 3 });
  });

  test('when more hooks hang than services are checked at a time, the last service is repaired', async () => {
    const service = testService();
    const gate = new Gate(service);
    const bad = service.write('bad.pid', 'x');
    const lines = Array.from({ length: 260 }, (_, index) => {
      const pidfile = service.path(`${index}.pid`);
      symlinkSync(bad, pidfile);
      return lineOf({ args: service.args.with(2, pidfile) }, '--on-event', gate.command);
    });
    const { run } = startSipwd(['--table', tableOf(service, ...lines, lineOf(service))]);
    await until('it is started', () => service.starts === 1);
    gate.open();
    expect(await run).toMatchObject({ status: 2 });
  });
});

const gates: Gate[] = [];

/** A FIFO at which hooks wait without work. */
class Gate {
  readonly #path: string;
  readonly command: string;

  constructor(service: TestService) {
    this.#path = service.path('gate');
    execFileSync('mkfifo', [this.#path]);
    this.command = `: <${this.#path}`;
    gates.push(this);
  }

  /** At both ends: a hook that comes later does not wait either. */
  open(): void {
    openSync(this.#path, constants.O_RDWR);
  }
}

/** The hooks of a test that has failed. */
afterEach(() => {
  for (const gate of gates.splice(0)) gate.open();
});

test('when the hook does not exit within 30 s, its process group is killed, and that is a warning', {
  timeout: 120_000,
}, async () => {
  const service = testService();
  const sleeper = service.copy('/bin/sleep', 'hook');
  const command = `trap '' TERM; ${sleeper} 1000 & ${sleeper} 1000`;
  const run = await sipwd(['--on-event', command, ...service.args.with(3, 'exit 7')]);
  expect(run.said.at(-1)).toBe(said(messages.hookFailed(ended.timedOut(30), command), service.name));
  expect(run.status).toBe(3);
  expect(processesOf((exe) => exe === sleeper)).toEqual([]);
});
