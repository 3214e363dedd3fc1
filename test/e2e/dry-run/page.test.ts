import { mkdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { because, evidence } from '../../../src/log/reasons.ts';
import { Crew, WORKER } from '../../support/crew.ts';
import { absent, rehearse } from '../../support/dry-run.ts';
import { startMany } from '../../support/many.ts';
import { pageOf, tableIn } from '../../support/page.ts';
import { NO_PID, start } from '../../support/process.ts';
import { testService } from '../../support/service.ts';

describe('the page', () => {
  test('when a part of the service is gone, it has the files, each PID with its evidence, and the plan', async () => {
    const service = testService();
    const { runfile, binfile, pidfile, forceFile } = service;
    const left = start(binfile, ['1000'], { argv0: 'renamed' }).pid;
    service.writePids(left, NO_PID);
    const page = await pageOf(service.args);
    const uid = process.getuid?.();
    const width = Math.max(...[runfile, binfile, pidfile, forceFile].map((each) => each.length));
    const path = (name: string) => name.padEnd(width);
    expect(page.slice(0, 6)).toEqual([
      `runfile        ${path(runfile)}  exists: enabled`,
      expect.stringMatching(
        `^pidfile        ${path(pidfile)}  2 PIDs, owner ${uid}:\\d+, mode 0644, written \\d+m?s ago$`,
      ),
      `binfile        ${path(binfile)}  exists`,
      `force-restart  ${path(forceFile)}  absent`,
      `lock           ${path('')}  free`,
      '',
    ]);
    expect(tableIn(page)).toEqual([
      {
        'BELONGS BY': 'pidfile',
        ROLE: 'main',
        PID: String(left),
        STATE: 'running',
        UID: String(uid),
        STARTED: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/),
        UPTIME: expect.stringMatching(/^\d+m?s$/),
        EVIDENCE: `${evidence.exe(binfile)}; argv[0] renamed`,
      },
      {
        'BELONGS BY': '-',
        ROLE: 'main',
        PID: String(NO_PID),
        STATE: 'gone',
        UID: '-',
        STARTED: '-',
        UPTIME: '-',
        EVIDENCE: because.absent(),
      },
    ]);
    expect(page.filter((line) => !line.startsWith('warning: ')).slice(-4)).toEqual([
      `plan: clean up and start, because ${absent()}`,
      `  1. send SIGTERM and SIGCONT to PID ${left}; SIGKILL after 8 s`,
      `  2. start with /bin/sh -c: ${service.command}`,
      '',
    ]);
  });

  test('when a process was started, the time and the uptime are those of its start', async () => {
    const service = testService();
    service.writePids(process.pid);
    const least = process.uptime();
    const { processes } = await rehearse(service);
    const { started, uptime } = processes[0] ?? {};
    const born = Date.now() - process.uptime() * 1000;
    // The clock of a program runs from a moment after its start; a tick is a hundredth of a second.
    expect(uptime).toBeGreaterThan(least - 0.02);
    expect(Math.abs(Date.parse(started ?? '') - born)).toBeLessThan(1000);
    expect(uptime).toBeLessThan(process.uptime() + 1);
    const [row] = tableIn(await pageOf(service.args));
    expect(Math.abs(Date.parse(row?.STARTED ?? '') - born)).toBeLessThan(2000);
  });

  test('when a path is long, it has a line of its own, and the columns keep their places', async () => {
    const service = testService();
    const folder = service.path('long'.repeat(20));
    mkdirSync(folder);
    const page = await pageOf(service.args.with(2, `${folder}/pid`));
    const column = page[0]?.indexOf('exists') ?? 0;
    expect(page.slice(1, 3)).toEqual([`pidfile        ${folder}/pid`, `${' '.repeat(column)}absent`]);
    expect(page[3]?.indexOf('exists')).toBe(column);
  });

  test('when there is no such binary, that is said; a bare name is shown with the file that it resolves to', async () => {
    const { args } = testService();
    expect((await pageOf(args.with(1, 'no-such-program')))[2]).toMatch(/ not found in PATH or the usual directories$/);
    expect((await pageOf(args.with(1, '/no/such/program')))[2]).toMatch(/ does not exist$/);
    expect((await pageOf(args.with(1, 'cat')))[2]).toMatch(/ cat +resolves to \/\S+$/);
  });

  test('when the service has workers, they are in the table, and they stay there when they are orphans', async () => {
    const crew = new Crew([WORKER.plain]);
    await crew.startSeen();
    const found = async () =>
      tableIn(await pageOf(crew.args)).map((row) => `${row['BELONGS BY']} ${row.ROLE} ${row.PID}`);
    const { main, workers } = crew;
    expect(await found()).toEqual([`pidfile main ${main}`, `descent worker ${workers[0]}`]);
    await crew.killMain();
    expect(await found()).toEqual([`- main ${main}`, `snapshot worker ${workers[0]}`]);
  });

  test('when there are 400 PIDs, each has its line, and the plan names eight of them', async () => {
    const service = testService();
    const pids = await startMany(service, 400);
    service.writePids(...pids, NO_PID);
    const page = await pageOf(service.args);
    expect(tableIn(page).map(({ PID }) => Number(PID))).toEqual([...pids, NO_PID]);
    const named = `${pids.slice(0, 8).join(', ')} and 392 more`;
    expect(page).toContain(`  1. send SIGTERM and SIGCONT to PID ${named}; SIGKILL after 8 s`);
    const { plan } = await rehearse(service);
    expect(plan.actions[0]).toMatchObject({ pids });
  });

  test('when names contain control characters, they are escaped', async () => {
    const service = testService();
    const { pid } = start(service.binfile, ['1000'], { argv0: 'a\x1b[2Jb\nc' });
    service.writePids(pid, NO_PID);
    const page = await pageOf(service.args.with(3, 'echo \x1b]0;x\x07\u202e').with(4, `${service.dir}/f\x1b[31m\r`));
    const text = page.join('');
    expect(text).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    expect(text).toContain('argv[0] a\\x1b[2Jb\\nc');
    expect(page).toContain('  2. start with /bin/sh -c: echo \\x1b]0;x\\x07\\u{202e}');
    expect(page[3]).toMatch(/f\\x1b\[31m\\r +absent$/);
  });
});
