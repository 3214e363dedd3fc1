import { existsSync, readFileSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, expect, test } from 'vitest';
import { isAlive, start } from '../support/process.ts';
import { testService } from '../support/service.ts';
import { sipwd, startSipwd } from '../support/sipwd.ts';
import { until } from '../support/wait.ts';

/** A shell's words that wait until a file is there, which the test makes; without the folder, the test is over. */
const waitFor = (file: string) => `while [ -e ${dirname(file)} ] && [ ! -e ${file} ]; do sleep 0.02; done`;

describe('the command', () => {
  test('when it holds pipes, lists, variables and quotes, they mean what they mean to /bin/sh', async () => {
    const service = testService();
    const out = service.path('out');
    const script = `v="two  blanks"; false || echo "$v" 'it''s' "\\$v" | tr b B >${out} && echo "$0 $#" >>${out}`;
    const [run, bin, pid] = service.args;
    expect(await sipwd(['--start-timeout', '0', run, bin, pid, script])).toMatchObject({ status: 0 });
    expect(readFileSync(out, 'utf8')).toBe('two  Blanks its $v\n/bin/sh 0\n');
  });

  test('when a daemon keeps stdout open, sipwd does not wait for it, and what it writes later arrives', async () => {
    const service = testService();
    const go = service.path('go');
    const [run, bin, pid] = service.args;
    const { child, run: whole } = startSipwd([run, bin, pid, `(${waitFor(go)}; echo later) & ${service.command}`]);
    await until('sipwd has exited', () => child.exitCode !== null);
    expect(child.exitCode).toBe(0);
    expect(existsSync(go)).toBe(false);
    service.write('go', '');
    expect((await whole).stdout).toBe('later\n');
  });

  test('when it exits with a status other than 0, that is said, and sipwd exits 3', async () => {
    const service = testService();
    const [run, bin, pid] = service.args;
    const { status, said } = await sipwd([run, bin, pid, 'exit 42']);
    expect({ status, last: said.at(-1) }).toEqual({
      status: 3,
      last: `cannot start ${bin}: the command exited with status 42: exit 42`,
    });
  });

  test('when a signal ends it, that is said, and sipwd exits 3', async () => {
    const service = testService();
    const [run, bin, pid] = service.args;
    const { status, said } = await sipwd([run, bin, pid, 'kill -USR1 $$']);
    expect({ status, last: said.at(-1) }).toEqual({
      status: 3,
      last: `cannot start ${bin}: the command was ended by SIGUSR1: kill -USR1 $$`,
    });
  });

  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGKILL'] as const) {
    test(`when ${signal} ends sipwd meanwhile, it runs on to its end`, async () => {
      const service = testService();
      const [runs, done] = [service.path('runs'), service.path('done')];
      const [run, bin, pid] = service.args;
      const command = `echo $$ >${runs}; ${waitFor(service.path('go'))}; ${service.command}; echo >${done}`;
      const { child, run: whole } = startSipwd([run, bin, pid, command]);
      const shell = await until('the command runs', () => (existsSync(runs) ? Number(readFileSync(runs, 'utf8')) : 0));
      child.kill(signal);
      await until('sipwd has ended', () => child.signalCode ?? child.exitCode);
      expect(child.signalCode).toBe(signal);
      expect(isAlive(shell)).toBe(true);
      service.write('go', '');
      await until('the command has come to its end', () => existsSync(done));
      expect(isAlive(service.pids[0] ?? 0)).toBe(true);
      await whole;
    });
  }
});

describe('the service that comes up', () => {
  test('when the pidfile is written late, sipwd waits for it', async () => {
    const service = testService();
    const [run, bin, pid] = service.args;
    const late = `(sleep 0.4; echo $p >${pid}) >/dev/null 2>&1 &`;
    const { status, said } = await sipwd([run, bin, pid, `${bin} 1000 >/dev/null 2>&1 & p=$!; ${late}`]);
    expect(status).toBe(0);
    expect(said.at(-1)).toMatch(new RegExp(`^started ${bin}: PID ${service.pids[0]} after \\d+\\.\\d\\d s$`));
  });

  test('when the command itself takes longer than the timeout, what follows it has that time all the same', async () => {
    const service = testService();
    const [run, bin, pid] = service.args;
    const ended = 'while kill -0 $$ 2>/dev/null; do sleep 0.02; done';
    const command = `(${ended}; ${bin} 1000 & echo $! >${pid}) </dev/null >/dev/null 2>&1 & sleep 0.6`;
    const { status, said } = await sipwd(['--start-timeout', '0.5', run, bin, pid, command]);
    expect(said.at(-1)).toMatch(new RegExp(`^started ${bin}: PID ${service.pids[0]} after`));
    expect(status).toBe(0);
  });

  test('when the pidfile is unusable for a moment, sipwd reads it again', async () => {
    const service = testService();
    const [run, bin, pid] = service.args;
    const late = `echo half-writ >${pid}; (sleep 0.4; echo $p >${pid}) >/dev/null 2>&1 &`;
    const { status, said } = await sipwd([run, bin, pid, `${bin} 1000 >/dev/null 2>&1 & p=$!; ${late}`]);
    expect(status).toBe(0);
    expect(said.at(-1)).toMatch(new RegExp(`^started ${bin}: PID ${service.pids[0]} after`));
  });

  test('when one of two PIDs comes up late, sipwd waits for both', async () => {
    const service = testService();
    const [run, bin, pid] = service.args;
    const daemon = (delay: string) => `sh -c 'echo $$ >>${pid}; sleep ${delay}; exec ${bin} 1000' >/dev/null 2>&1 &`;
    const both = `${daemon('0')} ${daemon('0.4')} while [ "$(wc -l <${pid})" != 2 ]; do sleep 0.02; done`;
    const { status, said } = await sipwd([run, bin, pid, both]);
    expect(status).toBe(0);
    expect(said.at(-1)).toMatch(new RegExp(`^started ${bin}: PID ${service.pids.join(', ')} after`));
    expect(service.pids).toHaveLength(2);
  });

  test('when no PID comes up in time, that is said, and sipwd exits 3', async () => {
    const service = testService();
    const [run, bin, pid] = service.args;
    const { status, said } = await sipwd(['--start-timeout', '0.3', run, bin, pid, 'true']);
    const problem = 'did not come up within 0.3 s, although the command ended well';
    expect({ status, last: said.at(-1) }).toEqual({
      status: 3,
      last: `${bin} ${problem}: there is no pidfile ${pid}`,
    });
  });

  test('when the PID that comes up runs another binary, that is said, and sipwd exits 3', async () => {
    const service = testService();
    const [run, bin, pid] = service.args;
    const stranger = start('/bin/sleep', ['1000']).pid;
    const command = `echo ${stranger} >${pid}`;
    const { status, said } = await sipwd(['--start-timeout', '0.3', run, bin, pid, command]);
    expect(status).toBe(3);
    expect(said.at(-1)).toMatch(new RegExp(`^${bin} did not come up within 0.3 s.*: PID ${stranger} runs .*sleep`));
    expect(isAlive(stranger)).toBe(true);
  });

  test('when the start timeout is 0, sipwd does not look, and exits 0', async () => {
    const service = testService();
    const [run, bin, pid] = service.args;
    const { status, said } = await sipwd(['--start-timeout', '0', run, bin, pid, 'true']);
    expect({ status, last: said.at(-1) }).toEqual({ status: 0, last: `starting ${bin}: true` });
  });

  test('when the runfile goes while sipwd waits, it waits no longer, and exits 0', async () => {
    const service = testService();
    const [run, bin, pid] = service.args;
    const runs = service.path('runs');
    const whole = startSipwd(['--start-timeout', '20', run, bin, pid, `echo $$ >${runs}`]).run;
    const shell = await until('the command runs', () => (existsSync(runs) ? Number(readFileSync(runs, 'utf8')) : 0));
    await until('sipwd has taken note of its end', () => !existsSync(`/proc/${shell}`));
    rmSync(run);
    const { status, said } = await whole;
    expect(status).toBe(0);
    expect(said.at(-1)).toMatch(/is not meant to run any more: .*svc\.runs was removed/);
  });
});

test('when there is no such binary, that is said beside what runs instead: it may be a typo', async () => {
  const service = testService();
  service.writePids(start(service.binfile, ['1000']).pid);
  const [runfile, binfile, pidfile] = service.args;
  const run = await sipwd(['-e', runfile, `${binfile}y`, pidfile, 'true']);
  expect(run.said.slice(0, 2)).toEqual([
    expect.stringMatching(/ is down: PID \d+ runs /),
    `there is no file ${binfile}y: a typo, or an upgrade under way?`,
  ]);
});
