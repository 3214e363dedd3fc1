import { once } from 'node:events';
import { chmodSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, expect, test } from 'vitest';
import { stateDirectory } from '../../../src/files/state-dir.ts';
import { messages } from '../../../src/log/messages.ts';
import { problem, why } from '../../../src/log/reasons.ts';
import { canMount } from '../../support/caller.ts';
import { snapshotOf } from '../../support/crew.ts';
import { lineOf as said } from '../../support/messages.ts';
import { isAlive, start } from '../../support/process.ts';
import { rounds } from '../../support/rounds.ts';
import { testService } from '../../support/service.ts';
import { PROGRAM, QUIET, sipwd, sipwdIn, startSipwd } from '../../support/sipwd.ts';
import { lineOf, runTable, servicesInTable, tableOf } from '../../support/table.ts';
import { until } from '../../support/wait.ts';

describe('a table', () => {
  test('when its services are down, each is started once; then all are healthy, and nothing is printed', async () => {
    const { services, table } = servicesInTable(20);
    expect(await runTable(table)).toMatchObject({ status: 0 });
    expect(services.map(({ starts }) => starts)).toEqual(services.map(() => 1));
    expect(await runTable(table)).toMatchObject(QUIET);
    expect(services.map(({ starts }) => starts)).toEqual(services.map(() => 1));
  });

  test('when a line has an option without a value, it counts for that line', async () => {
    const [service, other] = [testService(), testService()];
    const table = tableOf(service, lineOf(service, '--exit-if-down'), lineOf(other));
    expect(await runTable(table)).toMatchObject({ status: 1 });
    expect([service.starts, other.starts]).toEqual([0, 1]);
  });

  test('when it is empty, or has comments only, nothing is done: exit 0', async () => {
    const service = testService();
    expect(await runTable(tableOf(service))).toMatchObject(QUIET);
    expect(await runTable(tableOf(service, '# none', ''))).toMatchObject(QUIET);
  });

  test('when it is -, standard input is read', async () => {
    const service = testService();
    const { run } = startSipwd(['--table', '-'], { stdin: 'pipe', input: `${lineOf(service)}\n` });
    expect(await run).toMatchObject({ status: 0 });
    expect(service.starts).toBe(1);
  });

  test('when it is -, and standard input is empty or closed, that is an error: exit 1', async () => {
    const closed = ['/bin/sh', '-c', 'exec "$@" <&-', 'sh', PROGRAM];
    for (const program of [PROGRAM, closed]) {
      expect(await sipwd(['--table', '-'], {}, program)).toMatchObject({ status: 1, events: ['tableNotReadable'] });
    }
  });

  test('when its name is empty, that is a usage error: exit 1', async () => {
    expect(await runTable('')).toMatchObject({ status: 1, events: ['usage'] });
    expect(await runTable(' ')).toMatchObject({ status: 1, events: ['usage'] });
  });

  test('when lines are bad, each is an error with file and line, the others are served, and the status is 1', async () => {
    const service = testService();
    const table = tableOf(service, '/run/a /bin/a', lineOf(service), "'", lineOf(service));
    const run = await runTable(table);
    expect(run.status).toBe(1);
    expect(run.said.slice(0, 3)).toEqual([
      said(messages.badLine(table, 1, 'missing argument <pidfile>; see sipwd --help')),
      said(messages.badLine(table, 3, "the quotation mark ' is not closed; see sipwd --help")),
      said(messages.badLine(table, 4, 'the service of line 2 has the same pidfile; see sipwd --help')),
    ]);
    expect(service.starts).toBe(1);
  });

  // With a directory of its own for the snapshots: thousands would slow down the tests beside it.
  test.skipIf(!canMount)(
    'when it has ten thousand lines and one is bad, the others are served (needs root that may mount)',
    {
      timeout: 300_000,
    },
    async () => {
      const service = testService();
      const daemons = Array.from({ length: rounds(20, 1000) }, () => start(service.binfile, ['1000']));
      await until('all have executed the binary', () => service.processes.length === daemons.length, 60_000);
      const pidfiles = Array.from({ length: 10_000 }, (_, index) =>
        service.write(`${index}.pid`, `${daemons[index % daemons.length]?.pid}\n`),
      );
      const lines = pidfiles.map((pidfile) => lineOf({ args: [service.runfile, service.binfile, pidfile, 'exit 9'] }));
      const table = tableOf(service, ...lines.with(5000, 'bad'), lineOf(service));
      const [directory, listed] = [stateDirectory(), service.path('listed')];
      const script = `mkdir -p ${directory} && mount -t tmpfs -o mode=700 tmpfs ${directory} &&
      { "$@"; status=$?; ls ${directory} >${listed}; exit $status; }`;
      const run = await sipwdIn(script, ['--table', table]);
      expect(run).toMatchObject({ status: 1, events: ['badLine', 'down', 'starting', 'started'] });
      // A healthy check stores a snapshot.
      const stored = new Set(readFileSync(listed, 'utf8').split('\n'));
      const served = pidfiles.filter((pidfile) => stored.has(basename(snapshotOf({ pidfile }))));
      expect(served).toEqual(pidfiles.toSpliced(5000, 1));
      expect(service.starts).toBe(1);
    },
  );

  test('when a service fails, the others are served, and the status is that of the first one in the table', async () => {
    const [good, bad, failing] = [testService(), testService(), testService()];
    bad.write('svc.pid', 'x');
    const line = lineOf({ args: failing.args.with(3, 'exit 7') });
    const table = tableOf(good, lineOf(good), line, lineOf(bad));
    expect(await runTable(table)).toMatchObject({ status: 3 });
    expect(good.starts).toBe(1);
    expect(await runTable(tableOf(good, lineOf(good), lineOf(bad), line))).toMatchObject({ status: 2 });
  });

  test('when options are on the command line, they are the defaults of each line', async () => {
    const [one, two] = [testService(), testService()];
    const table = tableOf(one, lineOf(one), lineOf(two, '--name', 'two'));
    const run = await runTable(table, '--exit-if-down');
    expect(run.status).toBe(1);
    expect(run.linesOf('startNeeded').toSorted()).toEqual(
      [said(messages.startNeeded(), one.name), said(messages.startNeeded(), 'two')].toSorted(),
    );
    expect([one.starts, two.starts]).toEqual([0, 0]);
  });

  test('when services are repaired at the same time, each line of the log is whole and names its service', async () => {
    const { services, table } = servicesInTable(32);
    const run = await runTable(table);
    const expected = services.map((each) => said(messages.down(why.noPidfile(each.pidfile)), each.name));
    expect(run.linesOf('down').toSorted()).toEqual(expected.toSorted());
    const names = new Set(services.map(({ name }) => name));
    expect(
      run.said.map((line) => line.replace(/^warning: /, '').split(':')[0]).filter((name) => !names.has(name ?? '')),
    ).toEqual([]);
  });

  test('when a start command prints, it is passed through as it comes', async () => {
    const service = testService();
    const slow = testService();
    const [runfile, binfile, pidfile, command] = service.args;
    const args = [runfile, binfile, pidfile, `echo out; ${command}`];
    const blocked = [
      ...slow.args.slice(0, 3),
      `while [ ! -e ${slow.path('go')} ]; do sleep 0.02; done; ${slow.command}`,
    ];
    const { child, run } = startSipwd(['--table', tableOf(service, lineOf({ args }), lineOf({ args: blocked }))]);
    let heard = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      heard += chunk;
    });
    await until('the output came', () => heard === 'out\n');
    slow.write('go', '');
    expect(await run).toMatchObject({ status: 0, stdout: 'out\n' });
  });

  test('when one service takes long, the others are repaired meanwhile', async () => {
    const { services, table } = servicesInTable(3);
    const slow = testService();
    const args = [...slow.args.slice(0, 3), `while [ ! -e ${slow.path('go')} ]; do sleep 0.02; done; ${slow.command}`];
    writeFileSync(table, `${lineOf({ args })}\n`, { flag: 'a' });
    const { run } = startSipwd(['--table', table]);
    await until('the others are started', () => services.every(({ pids }) => pids.some(isAlive)));
    expect(slow.starts).toBe(0);
    slow.write('go', '');
    expect(await run).toMatchObject({ status: 0 });
  });

  test('when more services than are repaired at once do not come up, the others are started meanwhile', async () => {
    const service = testService();
    const slow = Array.from({ length: 40 }, (_, index) =>
      lineOf({ args: [service.runfile, 'sh', service.path(`${index}.pid`), 'true'] }, '--start-timeout', '100'),
    );
    const { child, run } = startSipwd(['--table', tableOf(service, ...slow, lineOf(service))]);
    await until('the last one is started', () => service.pids.some(isAlive), 60_000);
    child.kill();
    await run;
  });

  test('when it does not exist, is a directory or a FIFO, it is an error: exit 1', async () => {
    const service = testService();
    const missing = service.path('none');
    expect(await runTable(missing)).toMatchObject({
      status: 1,
      said: [said(messages.tableNotReadable(missing, problem.doesNotExist()))],
    });
    for (const path of [service.dir, '/dev/null']) {
      expect(await runTable(path)).toMatchObject({
        status: 1,
        said: [said(messages.tableNotReadable(path, problem.notRegular()))],
      });
    }
  });

  test.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)(
    'when %s ends the pass, a command that has begun goes on',
    async (signal) => {
      const service = testService();
      const [gate, began] = [service.path('go'), service.path('began')];
      const args = [
        ...service.args.slice(0, 3),
        `touch ${began}; while [ ! -e ${gate} ]; do sleep 0.02; done; ${service.command}`,
      ];
      const { child } = startSipwd(['--table', tableOf(service, lineOf({ args }))]);
      await until('the command has begun', () => existsSync(began));
      const ended = once(child, 'exit');
      child.kill(signal);
      expect(await ended).toEqual([null, signal]);
      service.write('go', '');
      await until('the command goes on', () => service.pids.some(isAlive));
    },
  );
});

describe('the trust in a table', () => {
  const refused = async (table: string) => {
    const run = await runTable(table);
    expect(run).toMatchObject({ status: 1, events: ['tableRefused'] });
    return run.said[0];
  };

  test.runIf(process.geteuid?.() === 0)(
    'when others can write it or a directory on the way, root refuses it',
    async () => {
      const service = testService();
      const table = tableOf(service, lineOf(service));
      chmodSync(table, 0o646);
      expect(await refused(table)).toContain(`chmod o-w ${table}`);
      chmodSync(table, 0o644);
      chmodSync(service.dir, 0o757);
      expect(await refused(table)).toContain(`chmod o-w ${service.dir}`);
      chmodSync(service.dir, 0o1757);
      expect(await runTable(table)).toMatchObject({ status: 0 });
      service.give(65534);
      expect(await refused(table)).toMatch(/is owned by uid 65534; run: chown root/);
      expect(service.starts).toBe(1);
    },
  );

  test.runIf(process.geteuid?.() === 0)('when another user runs sipwd, the table may be writable: exit 0', async () => {
    const service = testService();
    service.give(65534);
    const table = tableOf(service, lineOf(service));
    chmodSync(table, 0o666);
    rmSync(service.runfile);
    const nobody = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', PROGRAM];
    expect(await sipwd(['--table', table], {}, nobody)).toMatchObject(QUIET);
  });
});
