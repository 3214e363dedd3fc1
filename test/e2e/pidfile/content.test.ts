import { readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { messages } from '../../../src/log/messages.ts';
import { problem, why } from '../../../src/log/reasons.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { lineOf } from '../../support/messages.ts';
import { isAlive, NO_PID, start } from '../../support/process.ts';
import { testService } from '../../support/service.ts';
import { QUIET, sipwd, startSipwd } from '../../support/sipwd.ts';
import { until } from '../../support/wait.ts';

/** A read updates the access time if that is older than the content (relatime). */
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
    'when a daemon writes its PID a moment after it truncated the file, the service is healthy (needs access times)',
    async () => {
      const service = testService();
      const [, binfile, pidfile] = service.args;
      // It holds the lock: a second run that finds the service down exits 75.
      const other = startSipwd(service.args.with(3, `exec ${binfile} 1000`), { stdout: 'ignore', stderr: 'ignore' });
      const pid = await until('the other run has started it', () => service.processes[0]);
      writeUnread(pidfile);
      const { run } = startSipwd(service.args);
      await until('sipwd has read the pidfile', () => wasRead(pidfile));
      service.writePids(pid);
      expect(await run).toMatchObject(QUIET);
      other.child.kill('SIGKILL');
      await other.run;
    },
  );

  test.each(['', ' \n\n'])('when it stays empty (%j), the service is started', async (content) => {
    const service = testService();
    writeFileSync(service.pidfile, content);
    const run = await sipwd(service.args);
    expect(run.said[0]).toBe(lineOf(messages.down(why.noPid(service.pidfile)), service.name));
    expect({ status: run.status, starts: service.starts }).toEqual({ status: 0, starts: 1 });
  });
});

test('when one line of several is not a PID, nothing is signalled or started: exit 2', async () => {
  const service = testService();
  const { pid } = start(service.binfile, ['1000']);
  writeFileSync(service.pidfile, `${pid}\n${NO_PID}\n-1\n`);
  const reason = problem.notAPid(3, '"-1"', 2, 4_194_304);
  expect(await sipwd(service.args)).toMatchObject({
    status: 2,
    said: [lineOf(messages.badPidfile(service.pidfile, reason), service.name)],
  });
  expect({ alive: isAlive(pid), starts: service.starts }).toEqual({ alive: true, starts: 0 });
});
