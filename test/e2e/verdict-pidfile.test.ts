import { execFileSync } from 'node:child_process';
import { readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../support/folder.ts';
import { isAlive, start } from '../support/process.ts';
import { testService } from '../support/service.ts';
import { sipwd, startSipwd } from '../support/sipwd.ts';
import { until } from '../support/wait.ts';

/** The access time tells when a file was read, if it is older than the content (relatime). */
function writeUnread(path: string): void {
  writeFileSync(path, '');
  utimesSync(path, 1, 2);
}

const wasRead = (path: string) => statSync(path).atimeMs > 2000;

function showsReads(): boolean {
  const path = join(temporaryFolder(), 'probe');
  writeUnread(path);
  readFileSync(path);
  return wasRead(path);
}

describe('an empty pidfile', () => {
  test.skipIf(!showsReads())(
    'when a daemon writes its PID a moment after it truncated the file, that is waited for (needs access times)',
    async () => {
      const service = testService();
      const [runfile, binfile, pidfile] = service.args;
      // While another run is at work, a service that counts as down after one look would give exit 75.
      const other = startSipwd([runfile, binfile, pidfile, `exec ${binfile} 1000`], {
        stdout: 'ignore',
        stderr: 'ignore',
      });
      const pid = await until('the other run has started it', () => service.processes[0]);
      writeUnread(pidfile);
      const { run } = startSipwd(service.args);
      await until('sipwd has read the pidfile', () => wasRead(pidfile));
      service.writePids(pid);
      expect(await run).toMatchObject({ status: 0, stdout: '', stderr: '' });
      other.child.kill('SIGKILL');
      await other.run;
    },
  );

  test.each(['', ' \n\n'])('when it stays empty ("%s"), the service is started', async (content) => {
    const service = testService();
    writeFileSync(service.pidfile, content);
    const run = await sipwd(service.args);
    expect(run.said[0]).toBe(`${service.binfile} is down: there is no PID in ${service.pidfile}`);
    expect({ status: run.status, starts: service.starts }).toEqual({ status: 0, starts: 1 });
  });
});

describe('a pidfile that is not usable', () => {
  test('when a line holds no PID: exit 2, and nothing is signalled or started', async () => {
    const service = testService();
    const { pid } = start(service.binfile, ['1000']);
    writeFileSync(service.pidfile, `${pid}\n4194303\n-1\n`);
    const run = await sipwd(service.args);
    const where = `line 3 holds "-1" where a PID (2 to 4194304) is expected`;
    expect(run).toMatchObject({
      status: 2,
      said: [`cannot use the pidfile ${service.pidfile}: ${where}`],
    });
    expect({ alive: isAlive(pid), starts: service.starts }).toEqual({ alive: true, starts: 0 });
  });

  test('when it is a FIFO that nobody writes: exit 2, without a wait', async () => {
    const service = testService();
    execFileSync('mkfifo', [service.pidfile]);
    const run = await sipwd([service.runfile, service.binfile, service.pidfile, service.command], { timeout: 20_000 });
    // The folder is removed by name; nobody must read the FIFO to find PIDs in it.
    execFileSync('rm', [service.pidfile]);
    expect(run).toMatchObject({ status: 2, said: [expect.stringMatching(/it is not a regular file$/)] });
    expect(service.starts).toBe(0);
  });
});
