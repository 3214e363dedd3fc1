import { describe, expect, test } from 'vitest';
import { messages } from '../../../src/log/messages.ts';
import { because } from '../../../src/log/reasons.ts';
import { lineOf } from '../../support/messages.ts';
import { isAlive, NO_PID, start } from '../../support/process.ts';
import { canMountProc } from '../../support/rights.ts';
import { openService, type TestService, testService } from '../../support/service.ts';
import { isStandalone, NOT_STANDALONE, PROGRAM, sipwd, sipwdIn } from '../../support/sipwd.ts';
import { publicProgram } from '../../support/user.ts';

describe.skipIf(!canMountProc())('a /proc that shows less (needs root that may mount)', () => {
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
    [1, (pid: number) => because.statNotReadable(pid, 'EPERM')],
    [2, because.hidden],
  ])('when hidepid=%d hides a process, it is unknown: exit 5, and nothing is started', async (hidepid, reasonOf) => {
    const service = openService();
    const run = await sipwd(service.args, environment(service), hidden(hidepid));
    const [pid = 0] = service.pids;
    expect(run).toMatchObject({
      status: 5,
      said: [lineOf(messages.cannotTell(`PID ${pid} ${reasonOf(pid)}`), service.name)],
    });
    expect(service.starts).toBe(0);
  });

  test('when hidepid=2 is set and there is no such process, it is gone', async () => {
    const service = openService();
    const args = ['--exit-if-down', ...service.args];
    const run = await sipwd(args, environment(service, String(NO_PID)), hidden(2));
    expect(run).toMatchObject({ status: 1 });
    expect(run.said[0]).toBe(lineOf(messages.down(`PID ${NO_PID} ${because.absent()}`), service.name));
  });

  test('when /proc belongs to another PID namespace, nothing is started: exit 5', async () => {
    const service = testService();
    // Without a mount of its own, /proc still shows the PIDs outside.
    const script = '"$BINFILE" 1000 & echo $! >"$PIDFILE"; "$@"';
    const through = ['unshare', '--pid', '--fork', '--kill-child', '/bin/sh', '-c', script, 'sh', PROGRAM];
    const run = await sipwd(service.args, environment(service), through);
    expect(run).toMatchObject({ status: 5, said: [lineOf(messages.otherProcfs(), service.name)] });
    expect(service.starts).toBe(0);
  });

  test.skipIf(isStandalone)(
    `when /proc is not procfs, nothing is signalled or started: exit 1 ${NOT_STANDALONE}`,
    async () => {
      const service = testService();
      const { pid } = start(service.binfile, ['1000']);
      service.writePids(pid, NO_PID);
      const run = await sipwdIn('mount -t tmpfs none /proc', service.args);
      expect(run).toMatchObject({ status: 1, said: [lineOf(messages.noProcfs(), service.name)] });
      expect({ alive: isAlive(pid), starts: service.starts }).toEqual({ alive: true, starts: 0 });
    },
  );
});
