import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from 'vitest';
import { messages } from '../../../src/log/messages.ts';
import { warning } from '../../../src/log/reasons.ts';
import { lineOf as said } from '../../support/messages.ts';
import { isReport, problems } from '../../support/schema.ts';
import { testService } from '../../support/service.ts';
import { sipwd } from '../../support/sipwd.ts';
import { lineOf, runTable, tableOf } from '../../support/table.ts';

/** A table of a healthy service, a disabled one, and one that is down and has a command that does not exist. */
async function scene() {
  const [healthy, disabled, down] = [testService(), testService(), testService()];
  await sipwd(healthy.args);
  const absent = lineOf({ args: disabled.args.with(0, '/nonexistent/runfile') }, '--name', 'off');
  const failing = lineOf({ args: down.args.with(3, 'nonexistent-command') }, '--name', `${'long '.repeat(9)}name`);
  return { healthy, down, table: tableOf(healthy, lineOf(healthy), absent, failing) };
}

describe('a dry run of a table', () => {
  test('when it is printed, each service has a row of at most 80 columns, and one that is down its page', async () => {
    const { healthy, down, table } = await scene();
    const { status, stdout } = await runTable(table, '-n');
    expect(status).toBe(1);
    const lines = stripVTControlCharacters(stdout).split('\n');
    const rows = lines.slice(0, 4);
    expect(rows.map((row) => row.split(/ {2,}/).slice(0, 3))).toEqual([
      ['NAME', 'STATE', 'PIDS'],
      [healthy.name, 'healthy', '1'],
      ['off', 'disabled', '0'],
      ['long long lon…', 'down', '0'],
    ]);
    expect(rows.filter((row) => row.length > 80)).toEqual([]);
    expect(rows[3]).toMatch(/ {2}start +\d$/);
    expect(stdout).toContain(`runfile        ${down.runfile} `);
    expect(stdout).not.toContain(healthy.pidfile);
    expect(stdout).toContain(warning.noSuchCommand('nonexistent-command'));
    expect(down.starts).toBe(0);
  });

  test('when it is JSON, it is an array of the reports that the schema describes', async () => {
    const { table } = await scene();
    const { status, stdout } = await runTable(table, '-n', '--json');
    expect(status).toBe(1);
    const reports = JSON.parse(stdout);
    expect(reports.map(({ state }: { state: string }) => state)).toEqual(['healthy', 'disabled', 'down']);
    for (const report of reports) expect(isReport(report), problems()).toBe(true);
  });

  test('when a service cannot be observed, or a line is bad, that is an error, and the others are shown', async () => {
    const [service, broken] = [testService(), testService()];
    broken.write('svc.pid', 'x');
    await sipwd(service.args);
    const table = tableOf(service, lineOf(broken), 'bad', lineOf(service));
    const run = await runTable(table, '-n');
    expect(run).toMatchObject({ status: 2, stdout: expect.stringContaining(`${service.name}  healthy`) });
    expect(run.events.toSorted()).toEqual(['badLine', 'badPidfile']);
    expect(run.said).toContain(said(messages.badLine(table, 2, 'missing argument <binfile>; see sipwd --help')));
  });
});
