import { mkdirSync } from 'node:fs';
import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from 'vitest';
import { isInstalled, quoted } from '../support/caller.ts';
import { Crew, WORKER } from '../support/crew.ts';
import { foretell, inPart } from '../support/dry-run.ts';
import { NO_PID, start } from '../support/process.ts';
import { type TestService, testService } from '../support/service.ts';
import { PROGRAM, sipwd } from '../support/sipwd.ts';
import { until } from '../support/wait.ts';

async function pageOf(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<string[]> {
  const { stdout, stderr } = await sipwd(['-n', ...args], { env });
  expect(stderr).toBe('');
  return stdout.split('\n');
}

/** The lines of the table, cut where its head has the columns. */
function tableIn(page: readonly string[]): Record<string, string>[] {
  const head = page.findIndex((line) => line.startsWith('FROM '));
  const titles = [...(page[head]?.matchAll(/\S+ */g) ?? [])];
  const lines = page.slice(head + 1, page.indexOf('', head));
  return lines.map((line) =>
    Object.fromEntries(
      titles.map(({ 0: title, index }) => {
        const isLast = index + title.length === page[head]?.length;
        // A column begins behind a gap, wherever its cells end.
        if (index > 0) expect(line.slice(index - 2, index)).toBe('  ');
        return [title.trim(), line.slice(index, isLast ? undefined : index + title.length).trim()];
      }),
    ),
  );
}

describe('the page', () => {
  test('when a part of the service is gone, it has the files, each PID with its evidence, and the steps', async () => {
    const service = testService();
    const { runfile, binfile, pidfile, forceFile } = service;
    const left = start(binfile, ['1000'], { argv0: 'renamed' }).pid;
    service.writePids(left, NO_PID);
    const page = await pageOf(service.args);
    const uid = process.getuid?.();
    const width = Math.max(...[runfile, binfile, pidfile, forceFile].map((each) => each.length));
    const path = (name: string) => name.padEnd(width);
    expect(page.slice(0, 6)).toEqual([
      `runfile     ${path(runfile)}  exists: meant to run`,
      expect.stringMatching(`^pidfile     ${path(pidfile)}  2 PIDs, owner ${uid}:\\d+, mode 0644, written \\d+ s ago$`),
      `binfile     ${path(binfile)}  exists`,
      `force file  ${path(forceFile)}  absent`,
      `lock        ${path('')}  free`,
      '',
    ]);
    expect(tableIn(page)).toEqual([
      {
        FROM: 'pidfile',
        PID: String(left),
        STATE: 'running',
        UID: String(uid),
        STARTED: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/),
        UPTIME: expect.stringMatching(/^\d+ s$/),
        EVIDENCE: `exe ${binfile}; argv[0] renamed`,
      },
      {
        FROM: 'pidfile',
        PID: String(NO_PID),
        STATE: 'gone',
        UID: '-',
        STARTED: '-',
        UPTIME: '-',
        EVIDENCE: 'is no process',
      },
    ]);
    expect(page.slice(-4)).toEqual([
      `would do: clean up and start, because PID ${NO_PID} is no process`,
      `  1. send SIGTERM and SIGCONT to PID ${left}; SIGKILL to whoever is left after 8 s`,
      `  2. run with /bin/sh -c: ${service.command}`,
      '',
    ]);
  });

  test('when a process was started, the time and the uptime are those of its start', async () => {
    const service = testService();
    service.writePids(process.pid);
    const least = process.uptime();
    const { processes } = await foretell(service);
    const { started, uptime } = processes[0] ?? {};
    const born = Date.now() - process.uptime() * 1000;
    // The clock of a program runs from a moment after its start; a tick is a hundredth of a second.
    expect(uptime).toBeGreaterThan(least - 0.02);
    expect(Math.abs(Date.parse(started ?? '') - born)).toBeLessThan(1000);
    expect(uptime).toBeLessThan(process.uptime() + 1);
    const [row] = tableIn(await pageOf(service.args));
    expect(Math.abs(Date.parse(row?.STARTED ?? '') - born)).toBeLessThan(2000);
  });

  test('when a path is long, it has a line for itself, and the columns stay where they are', async () => {
    const service = testService();
    const folder = service.path('long'.repeat(20));
    mkdirSync(folder);
    const page = await pageOf(service.args.with(2, `${folder}/pid`));
    const column = page[0]?.indexOf('exists') ?? 0;
    expect(page.slice(1, 3)).toEqual([`pidfile     ${folder}/pid`, `${' '.repeat(column)}absent`]);
    expect(page[3]?.indexOf('exists')).toBe(column);
  });

  test('when a bare name is found nowhere, and when a path leads nowhere, that is said', async () => {
    const { args } = testService();
    expect((await pageOf(args.with(1, 'no-such-program')))[2]).toMatch(/ in no folder of PATH, nor in the usual ones$/);
    expect((await pageOf(args.with(1, '/no/such/program')))[2]).toMatch(/ no such file$/);
    expect((await pageOf(args.with(1, 'cat')))[2]).toMatch(/ cat +is \/\S+$/);
  });

  test('when the service is healthy, its descendants are workers; when it is not, survivors', async () => {
    const crew = new Crew([WORKER.plain]);
    await crew.startSeen();
    const from = async () => tableIn(await pageOf(crew.args)).map(({ FROM, PID }) => `${FROM} ${PID}`);
    const { main, workers } = crew;
    expect(await from()).toEqual([`pidfile ${main}`, `worker ${workers[0]}`]);
    await crew.killMain();
    expect(await from()).toEqual([`pidfile ${main}`, `survivor ${workers[0]}`]);
  });

  test('when there are 400 PIDs, each has its line, and the steps name some', async () => {
    const service = testService();
    const pids = Array.from({ length: 400 }, () => start(service.binfile, ['1000']).pid);
    await until('all of them run', () => service.processes.length === pids.length);
    service.writePids(...pids, NO_PID);
    const page = await pageOf(service.args);
    expect(tableIn(page).map(({ PID }) => Number(PID))).toEqual([...pids, NO_PID]);
    const named = `${pids.slice(0, 8).join(', ')} and 392 more`;
    expect(page).toContain(`  1. send SIGTERM and SIGCONT to PID ${named}; SIGKILL to whoever is left after 8 s`);
    const { plan } = await foretell(service);
    expect(plan.steps[0]).toMatchObject({ pids });
  });

  test('when names hold control characters, they are escaped', async () => {
    const service = testService();
    const { pid } = start(service.binfile, ['1000'], { argv0: 'a\x1b[2Jb\nc' });
    service.writePids(pid, NO_PID);
    const page = await pageOf(service.args.with(3, 'echo \x1b]0;x\x07\u202e').with(4, `${service.dir}/f\x1b[31m\r`));
    const text = page.join('');
    expect(text).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    expect(text).toContain('argv[0] a\\x1b[2Jb\\nc');
    expect(page).toContain('  2. run with /bin/sh -c: echo \\x1b]0;x\\x07\\u{202e}');
    expect(page[3]).toMatch(/f\\x1b\[31m\\r +absent$/);
  });
});

describe.skipIf(!isInstalled('script'))('colour (needs script, of bsdutils)', () => {
  /** A dry run on a terminal of its own. */
  async function onTerminal(service: TestService, env: NodeJS.ProcessEnv = {}): Promise<string> {
    const call = [PROGRAM, '-n', ...service.args].map(quoted).join(' ');
    const run = await sipwd(['-qec', call, '/dev/null'], { env }, 'script');
    expect(run.status).toBe(1);
    return run.stdout.replaceAll('\r', '');
  }

  test('when stdout is a terminal, the states and the verdict are coloured, and nothing moves', async () => {
    const service = testService();
    await inPart(service);
    const page = await onTerminal(service, { NO_COLOR: '' });
    expect(page).toContain('\x1b[32mrunning\x1b[0m');
    expect(page).toContain('\x1b[31mgone   \x1b[0m');
    expect(page).toContain('\x1b[1mwould do: clean up and start\x1b[0m');
    const plain = stripVTControlCharacters(page).split('\n');
    expect(tableIn(plain).map(({ STATE }) => STATE)).toEqual(['running', 'gone']);
  });

  test('when NO_COLOR is set, there is none', async () => {
    const service = testService();
    await inPart(service);
    expect(await onTerminal(service, { NO_COLOR: '1' })).not.toContain('\x1b');
  });

  test('when stdout is no terminal, there is none', async () => {
    const service = testService();
    await inPart(service);
    expect((await pageOf(service.args, { NO_COLOR: '' })).join('')).not.toContain('\x1b');
  });
});
