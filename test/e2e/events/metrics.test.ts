import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import getPort from 'get-port';
import { describe, expect, test } from 'vitest';
import { messages } from '../../../src/log/messages.ts';
import { isInstalled, pathOf, waitFor } from '../../support/caller.ts';
import { lineOf as said } from '../../support/messages.ts';
import { samplesIn } from '../../support/metrics.ts';
import { start, startSleeper } from '../../support/process.ts';
import { type TestService, testService } from '../../support/service.ts';
import { PROGRAM, QUIET, sipwd, startSipwd } from '../../support/sipwd.ts';
import { lineOf, runTable, servicesInTable, tableOf } from '../../support/table.ts';
import { until } from '../../support/wait.ts';

/** A service, the directory of its metrics, and runs of sipwd. */
function measured(service = testService()) {
  const directory = service.path('metrics');
  mkdirSync(directory);
  const file = `${directory}/sipwd_${service.name}.prom`;
  const run = (...options: string[]) => sipwd(['--metrics-dir', directory, ...options, ...service.args]);
  const samples = () => samplesIn(readFileSync(file, 'utf8'));
  return { service, directory, file, run, samples };
}

describe('--metrics-dir', () => {
  test('when the service is healthy, the metrics say so, and the run is silent', async () => {
    const { service, directory, file, run, samples } = measured();
    service.writePids(start(service.binfile, ['1000']).pid);
    expect(await run()).toMatchObject(QUIET);
    expect(readdirSync(directory)).toEqual([`sipwd_${service.name}.prom`]);
    expect(statSync(file).mode & 0o777).toBe(0o644);
    expect(samples()).toMatchObject({ up: 1, enabled: 1, pids_listed: 1, pids_running: 1, exit_status: 0 });
    const labels = `{name="${service.name}",binfile="${service.binfile}",pidfile="${service.pidfile}"}`;
    expect(readFileSync(file, 'utf8')).toContain(`\nsipwd_up${labels} 1\n`);
  });

  test('when the service is disabled, it is not enabled, and neither up nor down', async () => {
    const { service, run, samples } = measured();
    rmSync(service.runfile);
    expect(await run()).toMatchObject(QUIET);
    expect(samples()).toMatchObject({ enabled: 0, exit_status: 0 });
    expect(samples()).not.toHaveProperty('up');
  });

  test('when the umask is 077, node_exporter can read the file all the same', async () => {
    const { directory, file, service } = measured();
    rmSync(service.runfile);
    const caller = ['/bin/sh', '-c', 'umask 077; exec "$@"', 'sh', PROGRAM];
    await sipwd(['--metrics-dir', directory, ...service.args], {}, caller);
    expect(statSync(file).mode & 0o777).toBe(0o644);
  });

  test('when the service is started, and restarted, both are counted', async () => {
    const { service, run, samples } = measured();
    const before = Date.now() / 1000;
    await run();
    expect(samples()).toMatchObject({ up: 1, pids_running: 1, starts_total: 1, failed_starts_total: 0 });
    expect(samples().last_start_timestamp_seconds).toBeGreaterThan(before - 1);
    expect(samples().last_start_duration_seconds).toBeLessThan(10);
    writeFileSync(service.forceFile, '');
    await run();
    expect(samples()).toMatchObject({ up: 1, starts_total: 2, forced_restarts_total: 1 });
    expect(await run()).toMatchObject(QUIET);
    expect(samples()).toMatchObject({ up: 1, starts_total: 2, forced_restarts_total: 1 });
  });

  test('when starts fail, they are counted, also when the service is found healthy later', async () => {
    const { service, directory, run, samples } = measured();
    await sipwd(['--metrics-dir', directory, ...service.args.with(3, 'exit 7')]);
    expect(samples()).toMatchObject({ up: 0, exit_status: 3, starts_total: 1, failed_starts_total: 1 });
    expect(samples()).not.toHaveProperty('last_start_duration_seconds');
    await sipwd(['--metrics-dir', directory, '--start-timeout', '0.1', ...service.args.with(3, 'true')]);
    expect(samples()).toMatchObject({ up: 0, exit_status: 3, starts_total: 2, failed_starts_total: 2 });
    service.writePids(await startSleeper(service.binfile));
    expect(await run()).toMatchObject(QUIET);
    expect(samples()).toMatchObject({ up: 1, exit_status: 0, starts_total: 2, failed_starts_total: 2 });
  });

  test('when sipwd pauses, or cannot use the pidfile, the metrics say so', async () => {
    const { service, directory, samples } = measured();
    const failing = ['--metrics-dir', directory, '--backoff', '600', ...service.args.with(3, 'exit 7')];
    for (let count = 0; count < 3; count++) await sipwd(failing);
    expect(samples()).toMatchObject({ up: 0, paused: 1, exit_status: 6, starts_total: 2 });
    service.write('svc.pid', 'x');
    await sipwd(failing);
    expect(samples()).toMatchObject({ up: 0, enabled: 1, paused: 0, exit_status: 2 });
  });

  test('when there is no snapshot, there are no counters', async () => {
    const { run, samples } = measured();
    expect(await run('--no-memory')).toMatchObject({ status: 0 });
    expect(samples()).toMatchObject({ up: 1, exit_status: 0 });
    expect(samples()).not.toHaveProperty('starts_total');
  });

  test('when it is a dry run, nothing is written', async () => {
    const { directory, run } = measured();
    expect(await run('-n')).toMatchObject({ status: 1 });
    expect(readdirSync(directory)).toEqual([]);
  });

  test('when the directory cannot be written, that is a warning, and nothing else changes', async () => {
    const { service, directory, file, run } = measured();
    rmSync(directory, { recursive: true });
    const failed = await run();
    expect(failed).toMatchObject({ status: 0, events: ['down', 'starting', 'started', 'metricsNotWritten'] });
    expect(failed.said.at(-1)).toMatch(
      said(messages.metricsNotWritten(file, 'no such file or directory (ENOENT)'), service.name),
    );
    expect(await run()).toMatchObject({ status: 0, events: ['metricsNotWritten'] });
    expect(service.starts).toBe(1);
  });

  test('when two services have one name, that is a warning; with --name it is not', async () => {
    const { service, directory, run } = measured();
    const other = { args: service.args.with(2, service.path('other.pid')) };
    await run();
    const runOther = (...options: string[]) => sipwd(['--metrics-dir', directory, ...options, ...other.args, '-e']);
    expect((await runOther()).events).toContain('metricsOfOthers');
    expect((await runOther('--name', 'other')).events).not.toContain('metricsOfOthers');
    expect(readdirSync(directory)).toContain('sipwd_other.prom');
  });

  test.skipIf(!isInstalled('promtool'))('when promtool checks a file, it finds no fault (needs promtool)', async () => {
    const { file, run } = measured();
    await run();
    const input = readFileSync(file, 'utf8');
    expect(await sipwd(['check', 'metrics'], { stdin: 'pipe', input }, 'promtool')).toMatchObject(QUIET);
  });
});

describe('--metrics-dir with a table', () => {
  const table = (service: TestService, ...lines: readonly string[]) => ({
    path: tableOf(service, ...lines),
    text: (directory: string) => readFileSync(`${directory}/sipwd_sipwd.prom`, 'utf8'),
  });

  test('when two tables have one name, that is a warning; when a table has changed, it is not', async () => {
    const { service, directory } = measured();
    const [one, two] = [testService(), testService()];
    const run = async (path: string) => (await sipwd(['--metrics-dir', directory, '-e', '--table', path])).events;
    const path = tableOf(service, lineOf(one));
    expect(await run(path)).not.toContain('metricsOfOthers');
    tableOf(service, lineOf(two), lineOf(one));
    expect(await run(path)).not.toContain('metricsOfOthers');
    expect(await run(tableOf(testService(), lineOf(testService())))).toContain('metricsOfOthers');
  });

  test('when there are several services, one file has the metrics of all, in the order of the table', async () => {
    const [one, two, three] = [measured(), testService(), testService()];
    rmSync(three.runfile);
    const { path, text } = table(one.service, lineOf(one.service), lineOf(two), 'bad', lineOf(three));
    expect(await runTable(path, '--metrics-dir', one.directory)).toMatchObject({ status: 1 });
    expect(readdirSync(one.directory)).toEqual(['sipwd_sipwd.prom']);
    const metrics = text(one.directory);
    expect(samplesIn(metrics, one.service.name)).toMatchObject({ up: 1, starts_total: 1 });
    expect(samplesIn(metrics, two.name)).toMatchObject({ up: 1, starts_total: 1 });
    expect(samplesIn(metrics, three.name)).toMatchObject({ enabled: 0, starts_total: 0 });
    const names = [...metrics.matchAll(/^sipwd_enabled\{name="(.*?)"/gm)].map(([, name]) => name);
    expect(names).toEqual([one.service.name, two.name, three.name]);
    expect(metrics.match(/^# HELP sipwd_up /gm)).toHaveLength(1);
  });

  test('when lines have directories of their own, there is one file in each; without one, a service has none', async () => {
    const [one, two, none] = [measured(), measured(), testService()];
    const lines = [one, two].map(({ service, directory }) => lineOf(service, '--metrics-dir', directory));
    const { path, text } = table(one.service, ...lines, lineOf(none));
    expect(await runTable(path)).toMatchObject({ status: 0 });
    expect(samplesIn(text(one.directory))).toMatchObject({ up: 1 });
    expect(text(two.directory)).toContain(`name="${two.service.name}"`);
    for (const { directory } of [one, two]) expect(text(directory)).not.toContain(`name="${none.name}"`);
  });

  test('when a repair takes long, the others have their metrics meanwhile, and the service is down', async () => {
    const [slow, healthy] = [measured(), testService()];
    const { service, directory } = slow;
    healthy.writePids(start(healthy.binfile, ['1000']).pid);
    const args = service.args.with(3, `${waitFor(service.path('go'))}; ${service.command}`);
    const { path, text } = table(service, lineOf({ args }), lineOf(healthy));
    const { run } = startSipwd(['--metrics-dir', directory, '--table', path]);
    await until('there are metrics', () => existsSync(`${directory}/sipwd_sipwd.prom`));
    expect(samplesIn(text(directory), healthy.name)).toMatchObject({ up: 1, exit_status: 0 });
    expect(samplesIn(text(directory), service.name)).toMatchObject({ up: 0, enabled: 1, pids_running: 0 });
    expect(samplesIn(text(directory), service.name)).not.toHaveProperty('exit_status');
    service.write('go', '');
    expect(await run).toMatchObject({ status: 0 });
    expect(samplesIn(text(directory), service.name)).toMatchObject({ up: 1, exit_status: 0 });
  });

  test('when a later run has written the metrics during a repair, they stay', async () => {
    const { service, directory } = measured();
    const args = service.args.with(3, `${waitFor(service.path('go'))}; ${service.command}`);
    const { path, text } = table(service, lineOf({ args }));
    const { run } = startSipwd(['--metrics-dir', directory, '--table', path]);
    await until('there are metrics', () => existsSync(`${directory}/sipwd_sipwd.prom`));
    expect(await runTable(path, '--metrics-dir', directory)).toMatchObject({ status: 75 });
    expect(samplesIn(text(directory))).toMatchObject({ up: 0, exit_status: 75 });
    service.write('go', '');
    expect(await run).toMatchObject({ status: 0 });
    expect(samplesIn(text(directory))).toMatchObject({ exit_status: 75 });
  });

  test('when the table is standard input, the file is called stdin', async () => {
    const { service, directory } = measured();
    const options = { stdin: 'pipe', input: `${lineOf(service)}\n` } as const;
    expect(await sipwd(['--metrics-dir', directory, '--table', '-'], options)).toMatchObject({ status: 0 });
    expect(readdirSync(directory)).toEqual(['sipwd_stdin.prom']);
  });

  test('when the directory cannot be written, there is one warning', async () => {
    const { services, table: path } = servicesInTable(3);
    const run = await runTable(path, '--metrics-dir', services[0]?.path('none') ?? '');
    expect(run.status).toBe(0);
    expect(run.linesOf('metricsNotWritten')).toHaveLength(1);
  });
});

const EXPORTER = pathOf('prometheus-node-exporter') ?? pathOf('node_exporter');

test.skipIf(EXPORTER === undefined)(
  'when node_exporter reads the directory, it serves the metrics (needs prometheus-node-exporter)',
  async () => {
    const [one, two] = [measured(), measured()];
    await one.run();
    await sipwd(['--metrics-dir', one.directory, ...two.service.args]);
    const address = `127.0.0.1:${await getPort()}`;
    start(EXPORTER ?? '', [
      '--collector.disable-defaults',
      '--collector.textfile',
      `--collector.textfile.directory=${one.directory}`,
      `--web.listen-address=${address}`,
    ]);
    const served = async () => (await fetch(`http://${address}/metrics`)).text();
    const text = await until('it serves', () => served().catch(() => ''));
    expect(samplesIn(text, one.service.name)).toMatchObject({ up: 1, enabled: 1, starts_total: 1 });
    expect(samplesIn(text, two.service.name)).toMatchObject({ up: 1, starts_total: 1 });
    expect(text).toMatch(/^node_textfile_scrape_error 0$/m);
  },
);
