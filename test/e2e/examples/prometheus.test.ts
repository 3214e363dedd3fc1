import { readFileSync, rmSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../support/folder.ts';
import { METRICS } from '../../support/metric-names.ts';
import { hasExporter, type Query, withPrometheus } from '../../support/prometheus.ts';
import { testService } from '../../support/service.ts';
import { sipwd } from '../../support/sipwd.ts';
import { until } from '../../support/wait.ts';

const RULES = resolve('examples/prometheus/sipwd.rules.yml');
const DASHBOARD = 'examples/grafana/sipwd.json';

/** The queries of the dashboard, for all services. */
function queriesOfDashboard(): string[] {
  const { panels }: { panels: { targets: { expr: string }[] }[] } = JSON.parse(readFileSync(DASHBOARD, 'utf8'));
  return panels.flatMap(({ targets }) => targets.map(({ expr }) => expr.replaceAll(/\$\w+/g, '.*')));
}

/** Writes the metrics of a service that was started, of one that is paused, and of one that is disabled. */
async function threeServices(directory: string): Promise<void> {
  const [up, paused, disabled] = [testService(), testService(), testService()];
  const run = (name: string, args: readonly string[]) =>
    sipwd(['--metrics-dir', directory, '--backoff', '600', '--name', name, ...args]);
  expect(await run('up', up.args)).toMatchObject({ status: 0 });
  for (const status of [3, 3, 6]) expect(await run('paused', paused.args.with(3, 'exit 7'))).toMatchObject({ status });
  rmSync(disabled.runfile);
  expect(await run('disabled', disabled.args)).toMatchObject({ status: 0 });
}

/** The values of a query by the name of the service. */
async function valuesOf(query: Query, of: string): Promise<Record<string, number>> {
  const results = await query(of);
  return Object.fromEntries(results.map(({ metric, value }) => [metric.name, Number(value[1])]));
}

test.skipIf(!hasExporter)(
  'when node_exporter serves the metrics, Prometheus raises the alert, and each query of the dashboard has a result (needs prometheus and prometheus-node-exporter)',
  async () => {
    const directory = temporaryFolder();
    await threeServices(directory);
    await withPrometheus(directory, RULES, async (query) => {
      const alerts = async () => (await query('ALERTS')).map(({ metric }) => `${metric.alertname} ${metric.name}`);
      await until('an alert is raised', async () => (await alerts()).length > 0, 20_000);
      expect(await alerts()).toEqual(['SipwdPaused paused']);

      const all = await query('{__name__=~"sipwd_.+"}');
      expect([...new Set(all.map(({ metric }) => metric.__name__))].sort()).toEqual(METRICS.toSorted());

      // An increase needs two values.
      const queries = queriesOfDashboard();
      for (const of of queries) await until(`${of} has a result`, async () => (await query(of)).length > 0, 20_000);
      const states = queries.find((each) => each.includes(' or sipwd_enabled')) ?? '';
      expect(await valuesOf(query, states)).toEqual({ up: 3, paused: 2, disabled: 0 });
    });
  },
  60_000,
);
