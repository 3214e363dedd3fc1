import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, lstatSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Inspection } from '../../src/dry-run/inspect.ts';
import { isInstalled, quoted } from '../support/caller.ts';
import { NO_PID, start, startAs, startTimeOf } from '../support/process.ts';
import { type TestService, testService } from '../support/service.ts';
import { PROGRAM, sipwd, startSipwd } from '../support/sipwd.ts';
import { isRoot } from '../support/user.ts';
import { until } from '../support/wait.ts';

async function inspect(args: readonly string[]) {
  const { status, stdout } = await sipwd(['-n', '--json', ...args]);
  const found: Inspection = JSON.parse(stdout);
  return { status, found };
}

/** What a run says that it has sent, by signal and PID. */
const sent = (said: readonly string[]) =>
  said.flatMap((line) => {
    const [, signal, pid] = /^sent (\w+).* to PID (\d+) /.exec(line) ?? [];
    return signal === undefined ? [] : [`${signal} ${pid}`];
  });

const planned = ({ plan }: Inspection) =>
  plan.steps.flatMap((step) => (step.kind === 'signal' ? step.pids.map((pid) => `${step.signals[0]} ${pid}`) : []));

/** Every file of a folder, with what could change of it. */
function listing(folder: string): unknown[] {
  return readdirSync(folder).map((name) => {
    const { ino, mode, size, mtimeMs } = lstatSync(join(folder, name));
    return { name, ino, mode, size, mtimeMs };
  });
}

interface State {
  readonly title: string;
  readonly make: (service: TestService) => Promise<void> | void;
  readonly action: Inspection['plan']['action'];
  readonly status: number;
}

const running = (service: TestService) => startAs(`exec ${service.binfile} 1000`, service.name);

const STATES: readonly State[] = [
  {
    title: 'the service is healthy',
    make: async (service) => service.writePids(await running(service)),
    action: 'nothing',
    status: 0,
  },
  { title: 'there is no runfile', make: ({ runfile }) => rmSync(runfile), action: 'nothing', status: 0 },
  { title: 'there is no pidfile', make: () => undefined, action: 'start', status: 1 },
  {
    title: 'a part has gone',
    make: async (service) => service.writePids(await running(service), NO_PID, await running(service)),
    action: 'clean up and start',
    status: 1,
  },
  {
    title: 'it is to be restarted by force',
    make: async (service) => {
      service.writePids(await running(service));
      writeFileSync(service.forceFile, '');
    },
    action: 'restart by force',
    status: 1,
  },
  {
    title: 'what runs is something else',
    make: async (service) => service.writePids(await startAs('exec sleep 1000', 'sleep')),
    action: 'start',
    status: 1,
  },
];

describe('a dry run', () => {
  for (const { title, make, action, status } of STATES) {
    test(`when ${title}, it says what a run then does, and changes nothing: exit ${status}`, async () => {
      const service = testService();
      await make(service);
      const state = () => ({
        files: listing(service.dir),
        kept: existsSync('/run/sipwd')
          ? readdirSync('/run/sipwd').filter((name) => name.includes(basename(service.dir)))
          : [],
        processes: service.processes.map((pid) => [pid, startTimeOf(pid)]),
      });
      const before = state();
      const { found, status: told } = await inspect(service.args);
      const page = await sipwd(['-n', ...service.args]);
      const after = state();
      expect(after).toEqual(before);
      expect([told, page.status, page.stderr]).toEqual([status, status, '']);
      expect(found.plan.action).toBe(action);
      expect(page.stdout).toContain(`would do: ${action}, because ${found.plan.why}`);

      const run = await sipwd(service.args);
      expect(sent(run.said)).toEqual(planned(found));
      expect(service.starts).toBe(found.plan.steps.filter(({ kind }) => kind === 'run').length);
    });
  }

  test('when PIDs differ, each has its state and the evidence', async () => {
    const service = testService();
    const stranger = start('sleep', ['1000']).pid;
    const [one, other] = [await running(service), NO_PID];
    service.writePids(one, other, stranger);
    const { found } = await inspect(service.args);
    expect(found.processes.map(({ pid, state }) => [pid, state])).toEqual([
      [one, 'running'],
      [other, 'gone'],
      [stranger, 'gone'],
    ]);
    const { stdout } = await sipwd(['-n', ...service.args]);
    expect(stdout).toMatch(new RegExp(`pidfile +${one} +running +${process.getuid?.()} .* exe ${service.binfile}`));
    expect(stdout).toMatch(new RegExp(`pidfile +${other} +gone .* is no process`));
    expect(stdout).toMatch(new RegExp(`pidfile +${stranger} +gone .* runs \\S+, not ${service.binfile}`));
  });

  test('when another sipwd is at work, it says which', async () => {
    const service = testService();
    const [runfile, binfile, pidfile] = service.args;
    const busy = [runfile, binfile, pidfile, `touch ${service.path('hangs')}; exec ${binfile} 1000`];
    const { child } = startSipwd(busy, { stdout: 'ignore', stderr: 'ignore' });
    await until('it is at work', () => existsSync(service.path('hangs')));
    const { status, found } = await inspect(service.args);
    child.kill('SIGKILL');
    expect({ status, holder: found.lock.holder?.pid }).toEqual({ status: 75, holder: child.pid });
  });

  test('when the pidfile is not usable, it says so as a run does: exit 2', async () => {
    const service = testService();
    writeFileSync(service.pidfile, 'x');
    const [dry, run] = [await sipwd(['-n', ...service.args]), await sipwd(service.args)];
    expect(dry).toMatchObject({ status: 2, stdout: '' });
    expect(dry.said).toEqual(run.said);
  });

  test.skipIf(!isRoot)('when the pidfile cannot be trusted, it says what mends it: exit 4 (needs root)', async () => {
    const service = testService();
    service.writePids(await running(service), NO_PID);
    chmodSync(service.pidfile, 0o666);
    const { stdout, status } = await sipwd(['-n', ...service.args]);
    expect(stdout).toContain(`chmod o-w ${service.pidfile}`);
    expect([status, (await sipwd(service.args)).status]).toEqual([4, 4]);
  });

  test('when --json comes without --dry-run, that is a usage error', async () => {
    const run = await sipwd(['--json', ...testService().args]);
    expect(run).toMatchObject({ status: 1, said: ['the option --json goes with --dry-run; see sipwd --help'] });
  });

  test('when names hold control characters, none of them reaches the page', async () => {
    const service = testService();
    const [runfile, binfile] = service.args;
    const { stdout } = await sipwd(['-n', runfile, binfile, service.path('a\n\x1b[2J'), 'true\n\x07']);
    expect(stdout).not.toMatch(/[^\P{C}\n]/u);
  });

  test('when stdout takes nothing, that is said in one line', async () => {
    const service = testService();
    const script = `${[PROGRAM, '-n', ...service.args].map(quoted).join(' ')} >/dev/full`;
    const { stderr, status } = spawnSync('/bin/sh', ['-c', script], { encoding: 'utf8' });
    expect([0, 1]).not.toContain(status);
    expect(stderr.trimEnd().split('\n')).toEqual([expect.stringMatching(/ENOSPC/)]);
  });
});

describe.skipIf(!isInstalled('script'))('the colours of a dry run (needs script of bsdutils)', () => {
  const COLOUR = '\x1b[';
  const onTerminal = (service: TestService, env: NodeJS.ProcessEnv) => {
    const call = [PROGRAM, '-n', ...service.args].map(quoted).join(' ');
    return spawnSync('script', ['-qec', call, '/dev/null'], { env, encoding: 'utf8' }).stdout;
  };

  test('when it is a terminal, there are some; with NO_COLOR, or into a pipe, there are none', async () => {
    const service = testService();
    const { NO_COLOR: _, ...env } = process.env;
    expect(onTerminal(service, env)).toContain(COLOUR);
    expect(onTerminal(service, { ...env, NO_COLOR: '1' })).not.toContain(COLOUR);
    expect((await sipwd(['-n', ...service.args])).stdout).not.toContain(COLOUR);
  });
});

test('when it is JSON, its keys are those that the README describes, and all of them', async () => {
  const keysOf = (value: unknown, path = ''): string[] => {
    if (Array.isArray(value)) return value.length === 0 ? [] : value.flatMap((each) => keysOf(each, `${path}[]`));
    if (typeof value !== 'object' || value === null) return [path];
    return Object.entries(value).flatMap(([key, each]) => keysOf(each, path === '' ? key : `${path}.${key}`));
  };
  const service = testService();
  const [runfile, binfile, pidfile] = service.args;
  const found = [(await inspect([runfile, binfile, pidfile, 'true'])).found];
  service.writePids(await running(service), NO_PID);
  writeFileSync(service.forceFile, '');
  found.push((await inspect(service.args)).found, (await inspect(['-e', ...service.args])).found);
  const busy = [runfile, binfile, pidfile, `touch ${service.path('hangs')}; exec ${binfile} 1000`];
  const { child } = startSipwd(busy, { stdout: 'ignore', stderr: 'ignore' });
  await until('it is at work', () => existsSync(service.path('hangs')));
  found.push((await inspect(service.args)).found);
  child.kill('SIGKILL');

  const rows = readFileSync('README.md', 'utf8').matchAll(/^\| `([a-zA-Z0-9.[\]]+)` +\|/gm);
  const described = new Set([...rows].map(([, key]) => key));
  const real = new Set(found.flatMap((each) => keysOf(each)));
  // Those of survivors are those of processes.
  for (const key of [...real].filter((each) => !each.startsWith('survivors[]'))) expect(described).toContain(key);
  for (const key of described) {
    if (key?.includes('.') || key?.includes('[')) expect([...real, 'survivors[]']).toContain(key);
  }
});
