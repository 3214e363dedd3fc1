import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, expect, test } from 'vitest';
import { messages } from '../../../src/log/messages.ts';
import { because } from '../../../src/log/reasons.ts';
import { lineOf, sent, TERM } from '../../support/messages.ts';
import { commOf, NO_PID, start, startAs, stateOf } from '../../support/process.ts';
import { testService } from '../../support/service.ts';
import { check, PROGRAM, QUIET, sipwd } from '../../support/sipwd.ts';
import { until } from '../../support/wait.ts';

const KTHREADD = 2;

/** The interpreter itself, not a script that finds one. */
function python(): string | undefined {
  try {
    const script = 'import ctypes, sys; print(sys.executable)';
    return execFileSync('python3', ['-c', script], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return undefined;
  }
}

const PYTHON = python();

describe('a process that has exited', () => {
  test('when its parent does not reap it, it is gone, and the service is started', async () => {
    const service = testService();
    // The parent becomes a program that waits for no child. The child must not exit before that: the shell would reap it.
    await startAs(`${service.binfile} 1000 & echo $! >${service.pidfile}; exec sleep 1000`, 'sleep');
    const zombie = await until('its PID is known', () => service.pids[0]);
    process.kill(zombie, 'SIGKILL');
    await until('it is a zombie', () => stateOf(zombie) === 'Z');
    const run = await sipwd(service.args);
    expect(run.status).toBe(0);
    expect(run.events).toEqual(['down', 'starting', 'started']);
    expect(run.linesOf('pidfileRemoved')).toHaveLength(1);
    expect(run.said[0]).toBe(lineOf(messages.down(`PID ${zombie} ${because.zombie()}`), service.name));
    expect(service.starts).toBe(1);
  });

  test.skipIf(PYTHON === undefined)(
    'when only its first thread has exited and others run, it is running (needs python3)',
    async () => {
      const service = testService();
      const script = `
import ctypes, threading, time
threading.Thread(target=lambda: time.sleep(1000)).start()
ctypes.CDLL(None).pthread_exit(None)`;
      const { pid } = start(String(PYTHON), ['-c', script]);
      service.writePids(pid);
      await until('its first thread has exited', () => stateOf(pid) === 'Z');
      expect(await check(service, String(PYTHON))).toMatchObject(QUIET);
    },
  );
});

describe('a PID that is not a process of the service', () => {
  const NODE = basename(process.execPath);

  test('when it is a thread ID, it is gone, and its process is stopped only by its own PID', async () => {
    const service = testService();
    const { pid } = start(process.execPath, ['-e', 'setInterval(() => {}, 1e6)']);
    const others = () =>
      readdirSync(`/proc/${pid}/task`)
        .map(Number)
        .filter((tid) => tid !== pid);
    const thread = await until('it has threads', () => others()[0]);
    service.writePids(pid, thread);
    const run = await check(service, process.execPath);
    expect(run.status).toBe(1);
    expect(run.said[0]).toBe(lineOf(messages.down(`PID ${thread} ${because.threadId()}`), NODE));
    expect(run.linesOf('sent')).toEqual(sent(TERM, { binfile: process.execPath, name: NODE }, [pid]));
  });

  test.skipIf(commOf(KTHREADD) !== 'kthreadd')(
    'when it is a kernel thread of the same name, it is gone (needs to see kthreadd)',
    async () => {
      const service = testService();
      service.writePids(KTHREADD);
      const run = await check(service, 'kthreadd');
      expect(run.status).toBe(1);
      expect(run.said[0]).toBe(lineOf(messages.down(`PID ${KTHREADD} ${because.kernelThread()}`), 'kthreadd'));
      expect(run.linesOf('sent')).toEqual([]);
    },
  );

  test('when it is sipwd itself, whose binary matches, it is gone', async () => {
    const service = testService();
    // exec(2) keeps the PID.
    const through = ['/bin/sh', '-c', 'echo $$ >"$PIDFILE"; exec "$@"', 'sh', PROGRAM];
    const run = await check(service, process.execPath, { env: { PIDFILE: service.pidfile } }, through);
    expect(run).toMatchObject({ status: 1, signal: undefined });
    expect(run.said[0]).toBe(lineOf(messages.down(`PID ${service.pids[0]} ${because.itself()}`), NODE));
  });

  test('when no process has it, it is gone, and the service is started', async () => {
    const service = testService();
    service.writePids(NO_PID);
    const run = await sipwd(service.args);
    expect({ status: run.status, events: run.events }).toEqual({ status: 0, events: ['down', 'starting', 'started'] });
    expect(run.said[0]).toBe(lineOf(messages.down(`PID ${NO_PID} ${because.absent()}`), service.name));
    expect(service.processes).toEqual(service.pids);
  });
});
