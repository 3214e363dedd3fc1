import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { METRICS, metricsIn } from '../../support/metric-names.ts';
import { checkRules, hasPromtool, testRules } from '../../support/promtool.ts';

const rules = readFileSync('examples/prometheus/sipwd.rules.yml', 'utf8');
const input = readFileSync('test/e2e/examples/alerts.yml', 'utf8');

/** The queries of the alerts, by name. */
const queries = new Map(
  [...rules.matchAll(/- alert: (\w+)\n +expr: (.*)\n/g)].map(([, name = '', query = '']) => [name, query]),
);

const ENABLED = 'sipwd_enabled == 1';

test('when the alerts name metrics, sipwd has them', () => {
  expect([...queries.keys()]).toEqual(rules.match(/(?<=alert: )\w+/g));
  for (const query of queries.values()) expect(METRICS).toEqual(expect.arrayContaining(metricsIn(query)));
});

describe.skipIf(!hasPromtool)('the alerts of Prometheus (need prometheus)', () => {
  test('when the rules are checked, they have no fault', async () => {
    const { status, said } = await checkRules(rules);
    expect({ status, said }).toEqual({ status: 0, said: expect.stringContaining(`${queries.size} rules found`) });
  });

  test('when services fail in each way, each alert is raised and ends, and none is for a disabled service', async () => {
    expect(await testRules(rules, input)).toEqual({ status: 0, said: expect.stringContaining('SUCCESS') });
  });

  test.for([...queries])(
    'when %s is never raised, or regards disabled services, the test of the rules fails',
    async ([name, query]) => {
      for (const changed of ['vector(0) > 1', query.replace(ENABLED, 'sipwd_enabled >= 0')]) {
        expect(changed).not.toBe(query);
        const { status, said } = await testRules(rules.replace(query, changed), input);
        expect({ status, said }).toEqual({ status: 1, said: expect.stringContaining(`alertname: ${name}`) });
      }
    },
  );
});
