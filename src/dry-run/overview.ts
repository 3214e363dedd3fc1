import { printable } from '../log/escape.ts';
import { columns, cut } from './columns.ts';
import { duration, type Paint, page, painter, warningLine } from './page.ts';
import type { Report } from './report.ts';

/** Columns, so that a row has room in 80. */
const MOST_NAME = 14;

const STATES = { disabled: 'yellow', healthy: 'green', down: 'red', unknown: 'yellow' } as const;

const HEAD = ['NAME', 'STATE', 'PIDS', 'UPTIME', 'LAST START', 'PLAN', 'WARN'];
const STATE = HEAD.indexOf('STATE');

/** The services of a table for a person: a row for each, then the page of each that is not healthy. */
export function overview(found: readonly Report[], isColoured: boolean): string {
  const paint = painter(isColoured);
  const lines = columns([HEAD, ...found.map(cellsOf)], (cell, column, row) => {
    const state = found[row - 1]?.state;
    return column === STATE && state !== undefined ? paint(cell, STATES[state]) : cell;
  });
  const details = found.filter(({ plan, state }) => plan.kind !== 'nothing' || state === 'unknown');
  return [`${lines.join('\n')}\n`, ...warnings(found, paint), ...details.map((each) => detail(each, isColoured))].join(
    '',
  );
}

function cellsOf({ service, state, pidfile, processes, lastStart, plan, warnings: all }: Report): string[] {
  const uptimes = processes.flatMap(({ role, state: each, uptime }) =>
    role === 'main' && each === 'running' && uptime !== null ? [uptime] : [],
  );
  return [
    cut(printable(service.name), MOST_NAME),
    state,
    String(pidfile?.pids ?? 0),
    uptimes.length === 0 ? '-' : duration(Math.max(...uptimes)),
    lastStart === null ? '-' : `${duration(Math.max(0, Date.now() - Date.parse(lastStart)) / 1000)} ago`,
    plan.kind,
    all.length === 0 ? '-' : String(all.length),
  ];
}

/** Those of the services that get no page. */
function warnings(found: readonly Report[], paint: Paint): string[] {
  const lines = found
    .filter(({ plan }) => plan.kind === 'nothing')
    .flatMap(({ service, warnings: all }) => all.map((each) => `${warningLine(`${service.name}: ${each}`, paint)}\n`));
  return lines.length === 0 ? [] : ['\n', ...lines];
}

function detail(report: Report, isColoured: boolean): string {
  return `\n${painter(isColoured)(printable(report.service.name), 'bold')}\n${page(report, isColoured)}`;
}
