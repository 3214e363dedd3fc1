import { existsSync, readFileSync, renameSync } from 'node:fs';
import { execaSync } from 'execa';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { isInstalled, quoted } from '../../support/caller.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { LINE, startLinesOf } from '../../support/log.ts';
import { commOf, isAlive } from '../../support/process.ts';
import { type TestService, testService } from '../../support/service.ts';
import { PROGRAM, QUIET, sipwd } from '../../support/sipwd.ts';
import { until } from '../../support/wait.ts';

/** As daemons do, it has a session of its own. */
const daemonOf = ({ binfile, pidfile }: TestService) =>
  `setsid ${binfile} 1000 </dev/null >/dev/null 2>&1 & echo $! >${pidfile}`;

describe.skipIf(!isInstalled('tmux'))('an operator in a terminal (needs tmux)', () => {
  let socket: string;
  let shell: number;

  const tmux = (...args: string[]) => execaSync('tmux', ['-S', socket, '-f', '/dev/null', ...args]).stdout;
  /** All that the terminal has shown, also what was scrolled away. */
  const screen = () => tmux('capture-pane', '-p', '-J', '-S', '-');
  const type = (line: string) => tmux('send-keys', '-l', `${line}\n`);
  const call = (...args: readonly string[]) => [PROGRAM, ...args].map(quoted).join(' ');

  beforeEach(async () => {
    socket = `${temporaryFolder()}/tmux`;
    tmux('new-session', '-d', '-x', '500', '-y', '50', 'exec /bin/sh -i');
    shell = Number(tmux('display-message', '-p', '#{pane_pid}'));
    // What is typed before would make the prompt stand in front of the first line of output.
    await until('the shell prompts', () => screen().trim() !== '');
  });

  afterEach(() => {
    execaSync('tmux', ['-S', socket, 'kill-server'], { reject: false });
  });

  const close = async () => {
    tmux('kill-session');
    await until('the shell of the terminal has exited', () => !isAlive(shell));
  };

  /** That the daemon runs, and that the next run has nothing to do. */
  const expectHealthy = async (service: TestService, pids: readonly number[]) => {
    expect(pids.map(isAlive)).toEqual([true]);
    expect(await sipwd(service.args)).toMatchObject(QUIET);
    expect(service.pids).toEqual(pids);
  };

  for (const { daemon, command } of [
    { daemon: 'a daemon that leaves the terminal', command: daemonOf },
    { daemon: 'a program in the background', command: (service: TestService) => service.command },
  ]) {
    test(`when sipwd has started ${daemon} and the terminal is closed, it runs on`, async () => {
      const service = testService();
      type(`${call(...service.args.with(3, command(service)))}; echo status $?`);
      await until('sipwd has exited', () => /^status 0$/m.test(screen()));
      const { pids } = service;
      const lines = screen()
        .split('\n')
        .flatMap((line) => LINE.exec(line)?.[7] ?? []);
      expect(lines).toEqual(
        startLinesOf({ name: service.name, pidfile: service.pidfile, pids, command: command(service) }, lines),
      );
      await close();
      await expectHealthy(service, pids);
    });
  }

  test('when the terminal is closed while sipwd waits, the daemon that it has started runs on', async () => {
    const service = testService();
    const later = service.path('later');
    type(call('--start-timeout=60', ...service.args.with(3, `${daemonOf(service)}; mv ${service.pidfile} ${later}`)));
    await until('sipwd waits for the pidfile', () => existsSync(later));
    const pid = Number(readFileSync(later, 'utf8'));
    await until(`${pid} is the daemon`, () => commOf(pid) === service.name);
    const watchdog = Number(readFileSync(`/proc/${shell}/task/${shell}/children`, 'utf8').split(' ', 1)[0]);
    expect(isAlive(watchdog)).toBe(true);
    await close();
    await until('sipwd has exited, too', () => !isAlive(watchdog));
    renameSync(later, service.pidfile);
    await expectHealthy(service, [pid]);
  });
});
