import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { Inspection } from '../../src/dry-run/inspect.ts';
import { NO_PID, startAs } from '../support/process.ts';
import { testService } from '../support/service.ts';
import { sipwd, startSipwd } from '../support/sipwd.ts';
import { until } from '../support/wait.ts';

async function inspect(args: readonly string[]): Promise<Inspection> {
  return JSON.parse((await sipwd(['-n', '--json', ...args])).stdout);
}

test('when it is JSON, its keys are those that the README describes, and all of them', async () => {
  const keysOf = (value: unknown, path = ''): string[] => {
    if (Array.isArray(value)) return value.length === 0 ? [] : value.flatMap((each) => keysOf(each, `${path}[]`));
    if (typeof value !== 'object' || value === null) return [path];
    return Object.entries(value).flatMap(([key, each]) => keysOf(each, path === '' ? key : `${path}.${key}`));
  };
  const service = testService();
  const [runfile, binfile, pidfile] = service.args;
  const found = [await inspect([runfile, binfile, pidfile, 'true'])];
  service.writePids(await startAs(`exec ${service.binfile} 1000`, service.name), NO_PID);
  writeFileSync(service.forceFile, '');
  found.push(await inspect(service.args), await inspect(['-e', ...service.args]));
  const busy = [runfile, binfile, pidfile, `touch ${service.path('hangs')}; exec ${binfile} 1000`];
  const { child } = startSipwd(busy, { stdout: 'ignore', stderr: 'ignore' });
  await until('it is at work', () => existsSync(service.path('hangs')));
  found.push(await inspect(service.args));
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
