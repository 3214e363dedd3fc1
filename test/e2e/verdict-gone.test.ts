import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { commOf, isAlive, start, startAs, stateOf } from '../support/process.ts';
import { type TestService, testService } from '../support/service.ts';
import { PROGRAM, sipwd } from '../support/sipwd.ts';
import { until } from '../support/wait.ts';

const KTHREADD = 2;

/** The interpreter itself, not a script that looks for one. */
function python(): string | undefined {
  try {
    const script = 'import ctypes, sys; print(sys.executable)';
    return execFileSync('python3', ['-c', script], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return undefined;
  }
}

const PYTHON = python();

function callOf(service: TestService, binfile: string): string[] {
  return ['--exit-if-down', service.runfile, binfile, service.pidfile, 'exit 9'];
}

describe('a process that has exited', () => {
  test('when nobody reaps it, it is gone, and the service is started', async () => {
    const service = testService();
    // The parent becomes a program that waits for no child; only then the child may end, or the shell would reap it.
    await startAs(`${service.binfile} 1000 & echo $! >${service.pidfile}; exec sleep 1000`, 'sleep');
    const zombie = await until('its PID is known', () => service.pids[0]);
    process.kill(zombie, 'SIGKILL');
    await until('it is a zombie', () => stateOf(zombie) === 'Z');
    const run = await sipwd(service.args);
    expect(run.status).toBe(0);
    expect(run.said[0]).toBe(`${service.binfile} is down: PID ${zombie} has exited (a zombie that nobody reaped)`);
    expect(service.starts).toBe(1);
  });

  test.skipIf(PYTHON === undefined)(
    'when only its first thread has ended and others run on, it is running (needs python3)',
    async () => {
      const service = testService();
      const script = `
import ctypes, threading, time
threading.Thread(target=lambda: time.sleep(1000)).start()
ctypes.CDLL(None).pthread_exit(None)`;
      const { pid } = start(String(PYTHON), ['-c', script]);
      service.writePids(pid);
      await until('its first thread has ended', () => stateOf(pid) === 'Z');
      expect(await sipwd(callOf(service, String(PYTHON)))).toMatchObject({ status: 0, stdout: '', stderr: '' });
    },
  );
});

describe('what is no process of the service', () => {
  test('when the PID is the id of a thread, it is gone, and its process is left alone', async () => {
    const service = testService();
    const { pid } = start(process.execPath, ['-e', 'setInterval(() => {}, 1e6)']);
    const others = () =>
      readdirSync(`/proc/${pid}/task`)
        .map(Number)
        .filter((tid) => tid !== pid);
    const thread = await until('it has threads', () => others()[0]);
    service.writePids(pid, thread);
    const run = await sipwd(callOf(service, process.execPath));
    expect(run.status).toBe(1);
    expect(run.said[0]).toMatch(`is down: PID ${thread} is the id of a thread, not of a process`);
    // What is left of the service has been ended by its own PID, not by that of the thread.
    expect(run.said[1]).toBe(`sent SIGTERM and SIGCONT to PID ${pid} (${process.execPath})`);
    expect(run.said.filter((line) => line.startsWith('sent'))).toHaveLength(1);
  });

  test.skipIf(commOf(KTHREADD) !== 'kthreadd')(
    'when it is a kernel thread, it is gone, even if its name is right (needs to see kthreadd)',
    async () => {
      const service = testService();
      service.writePids(KTHREADD);
      const run = await sipwd(callOf(service, 'kthreadd'));
      expect(run.status).toBe(1);
      expect(run.said[0]).toBe(`kthreadd is down: PID ${KTHREADD} is a kernel thread`);
    },
  );

  test('when it is sipwd itself, whose binary would match, it is gone', async () => {
    const service = testService();
    // exec(2) keeps the PID.
    const through = ['/bin/sh', '-c', 'echo $$ >"$PIDFILE"; exec "$@"', 'sh', PROGRAM];
    const options = { env: { PIDFILE: service.pidfile } };
    const run = await sipwd(callOf(service, process.execPath), options, through);
    expect(run).toMatchObject({ status: 1, signal: undefined });
    expect(run.said[0]).toBe(`${process.execPath} is down: PID ${service.pids[0]} is sipwd itself`);
  });

  test('when the PID is far beyond any process, it is gone, and the service is started', async () => {
    const service = testService();
    service.writePids(4_194_303);
    const run = await sipwd(service.args);
    expect(run.said[0]).toBe(`${service.binfile} is down: PID 4194303 is no process`);
    expect({ status: run.status, alive: isAlive(service.pids[0] ?? 0) }).toEqual({ status: 0, alive: true });
  });
});
