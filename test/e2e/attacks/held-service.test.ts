import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { messages } from '../../../src/log/messages.ts';
import { SOON } from '../../support/crew.ts';
import { canFreeze, FREEZER, hasFreezer, whileFrozen, whileStuck } from '../../support/freezer.ts';
import { isAlive, NO_PID, startSleeper, stateOf } from '../../support/process.ts';
import { testService } from '../../support/service.ts';
import { QUIET, sipwd, startSipwd } from '../../support/sipwd.ts';
import { isRoot } from '../../support/user.ts';
import { until } from '../../support/wait.ts';

/** Attaches to a process as a debugger does, and stops it: ptrace(2) with PTRACE_ATTACH, which perl can call by number. */
const ATTACH = `
my $number = { x64 => 101, arm64 => 117 }->{$ARGV[0]};
syscall($number, 16, $ARGV[1] + 0, 0, 0) == 0 or die "ptrace: $!";
sleep 1000`;

/** Stops a process under a tracer during a call. */
async function whileTraced<T>(pid: number, act: () => Promise<T>): Promise<T> {
  const tracer = spawn('perl', ['-e', ATTACH, process.arch, String(pid)], { stdio: 'ignore' });
  const over = once(tracer, 'exit');
  try {
    await until(`${pid} is stopped by its tracer`, () => stateOf(pid) === 't');
    return await act();
  } finally {
    tracer.kill('SIGKILL');
    await over;
  }
}

describe.skipIf(!isRoot)('a process that a debugger has stopped (needs root)', () => {
  test('when it is in the pidfile, the service is healthy', async () => {
    const service = testService();
    const pid = await startSleeper(service.binfile);
    service.writePids(pid);
    await whileTraced(pid, async () => expect(await sipwd(service.args)).toMatchObject(QUIET));
    expect(isAlive(pid)).toBe(true);
  });

  test('when the service is down, it cannot act on SIGTERM: SIGKILL follows, and the service is started', async () => {
    const service = testService();
    const pid = await startSleeper(service.binfile);
    service.writePids(pid, NO_PID);
    const run = await whileTraced(pid, () => sipwd([...SOON, ...service.args]));
    expect(run).toMatchObject({ status: 0, events: ['down', 'sent', 'sent', 'starting', 'started'] });
    expect({ starts: service.starts, processes: service.processes.length }).toEqual({ starts: 1, processes: 1 });
  });

  test('when a forced restart is ordered, SIGKILL follows the abort timeout, and the service is started', async () => {
    const service = testService();
    const pid = await startSleeper(service.binfile);
    service.writePids(pid);
    writeFileSync(service.forceFile, '');
    const run = await whileTraced(pid, () => sipwd([...SOON, ...service.args]));
    expect(run).toMatchObject({ status: 0, events: ['forcedRestart', 'sent', 'sent', 'starting', 'started'] });
    expect({ starts: service.starts, processes: service.processes.length }).toEqual({ starts: 1, processes: 1 });
  });
});

describe.skipIf(!canFreeze)(`a process that waits for a frozen file system (needs ${FREEZER})`, () => {
  test('when it is in the pidfile, the service is healthy', async () => {
    const service = testService();
    await whileStuck(service, async (pid) => {
      service.writePids(pid);
      expect(await sipwd(service.args)).toMatchObject(QUIET);
    });
  });

  test('when that is thawed after SIGKILL was sent, it exits, and the service is started', async () => {
    const service = testService();
    const { run, pid: stuck } = await whileStuck(service, async (pid) => {
      service.writePids(pid, NO_PID);
      const frozen = startSipwd([...SOON, ...service.args]);
      await frozen.says(messages.sent('SIGKILL', pid, service.binfile).text);
      return { ...frozen, pid };
    });
    expect(await run).toMatchObject({ status: 0, events: ['down', 'sent', 'sent', 'starting', 'started'] });
    expect([isAlive(stuck), service.starts]).toEqual([false, 1]);
  });
});

describe.skipIf(!hasFreezer)('a process in a frozen cgroup (needs root, mounts and cgroup v2)', () => {
  test('when it is in the pidfile, the service is healthy', async () => {
    const service = testService();
    const pid = await startSleeper(service.binfile);
    service.writePids(pid);
    await whileFrozen(service, pid, async () => expect(await sipwd(service.args)).toMatchObject(QUIET));
  });

  test.each([
    ['SIGTERM ends it', ':', ['sent']],
    ['it ignores SIGTERM: SIGKILL follows', "trap '' TERM", ['sent', 'sent']],
  ])('when the service is down, %s, and the service is started', async (_, before, sent) => {
    const service = testService();
    const pid = await startSleeper(service.binfile, before);
    service.writePids(pid, NO_PID);
    const run = await whileFrozen(service, pid, () => sipwd([...SOON, ...service.args]));
    expect(run).toMatchObject({ status: 0, events: ['down', ...sent, 'starting', 'started'] });
    expect({ starts: service.starts, processes: service.processes.length }).toEqual({ starts: 1, processes: 1 });
  });
});
