import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { METRICS, metricsIn } from '../../support/metric-names.ts';
import { checkRules, hasPromtool } from '../../support/promtool.ts';

interface Panel {
  readonly id: number;
  readonly title: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets: readonly { readonly refId: string; readonly expr: string }[];
}

interface Dashboard {
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly { readonly name: string; readonly query: unknown }[] };
}

/** The width of Grafana's grid. */
const COLUMNS = 24;

const text = readFileSync('examples/grafana/sipwd.json', 'utf8');
const { panels, templating }: Dashboard = JSON.parse(text);
const queries = panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));

test('when the dashboard names metrics, sipwd has them, and it shows all of them', () => {
  expect([...new Set(queries.flatMap(metricsIn))].sort()).toEqual(METRICS.toSorted());
  expect(METRICS).toEqual(expect.arrayContaining(metricsIn(JSON.stringify(templating))));
});

test('when the dashboard uses a variable, it has that variable', () => {
  const used = [...text.matchAll(/\$\{?(?!__)(\w+)/g)].map(([, name]) => name);
  expect([...new Set(used)].sort()).toEqual(templating.list.map(({ name }) => name).sort());
});

test('when the panels are placed, none covers another one, and each has its own number', () => {
  const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
    Array.from({ length: w * h }, (_, cell) => `${x + (cell % w)},${y + Math.floor(cell / w)}`),
  );
  expect(new Set(cells).size).toBe(cells.length);
  for (const { gridPos } of panels) expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(COLUMNS);
  expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
});

test.skipIf(!hasPromtool)('when Prometheus reads its queries, it finds no fault (needs prometheus)', async () => {
  const rules = queries.map((expr, index) => ({ record: `query${index}`, expr }));
  const { status, said } = await checkRules(JSON.stringify({ groups: [{ name: 'dashboard', rules }] }));
  expect({ status, said }).toEqual({ status: 0, said: expect.stringContaining(`${queries.length} rules found`) });
});
