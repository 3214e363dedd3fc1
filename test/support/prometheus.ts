import getPort from 'get-port';
import { isInstalled } from './caller.ts';
import { kill } from './family.ts';
import { temporaryFolder } from './folder.ts';
import { start } from './process.ts';
import { until } from './wait.ts';

export const hasExporter = isInstalled('prometheus') && isInstalled('prometheus-node-exporter');

/** Every value of a query, with its labels. */
export type Query = (query: string) => Promise<readonly Result[]>;

export interface Result {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [time: number, value: string];
}

/** A page of a server on this machine; empty while there is none. */
export async function page(port: number, path: string): Promise<string> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}${path}`);
    return response.ok ? await response.text() : '';
  } catch {
    return '';
  }
}

/** Runs a node_exporter that serves the files of a directory, and a Prometheus that reads it and has rules. */
export async function withPrometheus(directory: string, rules: string, act: (query: Query) => Promise<void>) {
  const [exporter, port] = [await getPort(), await getPort()];
  const folder = temporaryFolder({ 'prometheus.yml': configuration(rules, exporter) });
  const collector = [
    '--collector.disable-defaults',
    '--collector.textfile',
    `--collector.textfile.directory=${directory}`,
  ];
  const storage = [`--config.file=${folder}/prometheus.yml`, `--storage.tsdb.path=${folder}/data`];
  const pids = [
    start('prometheus-node-exporter', [...collector, `--web.listen-address=127.0.0.1:${exporter}`]).pid,
    start('prometheus', [...storage, `--web.listen-address=127.0.0.1:${port}`]).pid,
  ];
  try {
    await until('Prometheus is ready', async () => (await page(port, '/-/ready')) !== '', 20_000);
    await act(async (query) => {
      const answer = await page(port, `/api/v1/query?query=${encodeURIComponent(query)}`);
      if (answer === '') throw new Error(`Prometheus refuses the query ${query}`);
      return JSON.parse(answer).data.result;
    });
  } finally {
    // Its files are removed after the test.
    await kill(pids);
  }
}

function configuration(rules: string, exporter: number): string {
  const job = { job_name: 'node', static_configs: [{ targets: [`127.0.0.1:${exporter}`] }] };
  const global = { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '1s' };
  return JSON.stringify({ global, rule_files: [rules], scrape_configs: [job] });
}
