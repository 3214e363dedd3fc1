import { chmodSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { isAlive, start } from '../support/process.ts';
import { canMount } from '../support/rights.ts';
import { type TestService, testService } from '../support/service.ts';
import { isStandalone, NOT_STANDALONE, PROGRAM, sipwd } from '../support/sipwd.ts';
import { publicProgram } from '../support/user.ts';

const NO_PID = 4_194_303;

/** A service whose folder is open to everybody, so that a start by mistake would be counted. */
function openService(): TestService {
  const service = testService();
  chmodSync(service.dir, 0o777);
  return service;
}

describe.skipIf(!canMount())('a /proc that shows less (needs root that may mount)', () => {
  /** In namespaces of their own: the service as root, and sipwd as nobody. */
  const hidden = (hidepid: number) => {
    const script = `mount -t proc -o hidepid=${hidepid} proc /proc || exit 90
      "$BINFILE" 1000 & echo $! >"$PIDFILE"
      [ -z "$GONE" ] || echo "$GONE" >"$PIDFILE"
      setpriv --reuid=65534 --regid=65534 --clear-groups -- "$@"; status=$?
      read -r pid name state rest </proc/$!/stat; [ "$state" = S ] || exit 91
      exit $status`;
    return ['unshare', '--mount', '--pid', '--fork', '--kill-child', '/bin/sh', '-c', script, 'sh', publicProgram()];
  };
  const environment = (service: TestService, gone = '') => {
    return { env: { BINFILE: service.binfile, PIDFILE: service.pidfile, GONE: gone } };
  };

  test.each([
    [1, /PID \d+ .*\/proc\/\d+\/stat cannot be read: EPERM/],
    [2, /PID \d+ exists, but is hidden from \/proc \(hidepid\)/],
  ])('when hidepid=%d hides a process, it exists: exit 5, and nothing is started', async (hidepid, why) => {
    const service = openService();
    const run = await sipwd(service.args, environment(service), hidden(hidepid));
    expect(run).toMatchObject({ status: 5, said: [expect.stringMatching(why)] });
    expect(service.starts).toBe(0);
  });

  test('when hidepid=2 is set and there is no such process, it is gone', async () => {
    const service = openService();
    const args = ['--exit-if-down', ...service.args];
    const run = await sipwd(args, environment(service, String(NO_PID)), hidden(2));
    expect(run).toMatchObject({ status: 1 });
    expect(run.said[0]).toBe(`${service.binfile} is down: PID ${NO_PID} is no process`);
  });

  test('when /proc is that of another PID namespace, it counts other PIDs: exit 5, and nothing is started', async () => {
    const service = testService();
    // Without a mount of its own, /proc still tells of the PIDs outside.
    const script = '"$BINFILE" 1000 & echo $! >"$PIDFILE"; "$@"';
    const through = ['unshare', '--pid', '--fork', '--kill-child', '/bin/sh', '-c', script, 'sh', PROGRAM];
    const run = await sipwd(service.args, environment(service), through);
    expect(run).toMatchObject({
      status: 5,
      said: ['/proc belongs to another PID namespace, so no process can be checked; mount it anew in this one'],
    });
    expect(service.starts).toBe(0);
  });

  test.skipIf(isStandalone)(
    `when /proc is not procfs, that is said in one line: exit 1, and nothing is started ${NOT_STANDALONE}`,
    async () => {
      const service = openService();
      const { pid } = start(service.binfile, ['1000']);
      service.writePids(pid);
      const through = ['unshare', '--mount', '/bin/sh', '-c', 'mount -t tmpfs none /proc && exec "$@"', 'sh', PROGRAM];
      expect(await sipwd(service.args, {}, through)).toMatchObject({
        status: 1,
        said: ['/proc is not procfs, so no process can be checked; mount it: mount -t proc proc /proc'],
      });
      expect({ alive: isAlive(pid), starts: service.starts }).toEqual({ alive: true, starts: 0 });
    },
  );
});
