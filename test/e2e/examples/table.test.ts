import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { readOptions } from '../../../src/args/options.ts';
import { DEFAULT_SETTINGS } from '../../../src/args/settings.ts';
import { parseTable } from '../../../src/args/table.ts';
import { sipwd } from '../../support/sipwd.ts';

const TABLE = 'examples/sipwd.tab';

test('when the example of a table is read, each of its lines is a service, with a name of its own', () => {
  const entries = parseTable(readFileSync(TABLE, 'utf8'), DEFAULT_SETTINGS, (pidfile) => pidfile, readOptions);
  const names = entries.map((entry) => (entry.kind === 'service' ? entry.service.name : entry.problem));
  expect(names).toEqual(['memcached', 'kamailio', 'redis-sessions', 'redis-cache']);
});

test('when it is run where no service is enabled, nothing is done: exit 0', async () => {
  const table = readFileSync(TABLE, 'utf8').replaceAll('/run/', '/nonexistent/');
  expect(await sipwd(['--table', '-'], { stdin: 'pipe', input: table })).toMatchObject({ status: 0, stderr: '' });
});
