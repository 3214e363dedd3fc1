import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { messages } from '../../../src/log/messages.ts';
import { ended } from '../../../src/log/reasons.ts';
import { waitFor } from '../../support/caller.ts';
import { lineOf } from '../../support/messages.ts';
import { isAlive } from '../../support/process.ts';
import { testService } from '../../support/service.ts';
import { sipwd, startSipwd } from '../../support/sipwd.ts';
import { until } from '../../support/wait.ts';

describe('the command', () => {
  test('when it contains pipes, lists, variables and quotes, /bin/sh interprets them', async () => {
    const service = testService();
    const out = service.path('out');
    const script = `v="two  blanks"; false || echo "$v" 'it''s' "\\$v" | tr b B >${out} && echo "$0 $#" >>${out}`;
    expect(await sipwd(['--start-timeout', '0', ...service.args.with(3, script)])).toMatchObject({ status: 0 });
    expect(readFileSync(out, 'utf8')).toBe('two  Blanks its $v\n/bin/sh 0\n');
  });

  test('when a daemon keeps stdout open, sipwd does not wait for it, and what it writes later arrives', async () => {
    const service = testService();
    const go = service.path('go');
    const { child, run } = startSipwd(service.args.with(3, `(${waitFor(go)}; echo later) & ${service.command}`));
    await until('sipwd has exited', () => child.exitCode !== null);
    expect(child.exitCode).toBe(0);
    expect(existsSync(go)).toBe(false);
    service.write('go', '');
    expect((await run).stdout).toBe('later\n');
  });

  test.each([
    ['exits with a status other than 0', 'exit 42', ended.status(42)],
    ['is killed by a signal', 'kill -USR1 $$', ended.signal('SIGUSR1')],
  ])('when it %s, that is logged: exit 3', async (_, command, problem) => {
    const service = testService();
    const { status, said } = await sipwd(service.args.with(3, command));
    expect(status).toBe(3);
    expect(said.at(-1)).toBe(lineOf(messages.startFailed(problem, command), service.name));
  });

  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGKILL'] as const) {
    test(`when ${signal} kills sipwd during the command, the command runs to its end`, async () => {
      const service = testService();
      const [runs, done] = [service.path('runs'), service.path('done')];
      const command = `echo $$ >${runs}; ${waitFor(service.path('go'))}; ${service.command}; echo >${done}`;
      const { child, run } = startSipwd(service.args.with(3, command));
      const shell = await until('the command runs', () => (existsSync(runs) ? Number(readFileSync(runs, 'utf8')) : 0));
      child.kill(signal);
      await until('sipwd has exited', () => child.signalCode ?? child.exitCode);
      expect(child.signalCode).toBe(signal);
      expect(isAlive(shell)).toBe(true);
      service.write('go', '');
      await until('the command has come to its end', () => existsSync(done));
      expect(isAlive(service.pids[0] ?? 0)).toBe(true);
      await run;
    });
  }
});
