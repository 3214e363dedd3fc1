import { styleText } from 'node:util';
import prettyMilliseconds from 'pretty-ms';
import { printable } from '../log/escape.ts';
import { listed } from '../log/messages.ts';
import { columns, padded, widthOf } from './columns.ts';
import type { ReportedProcess } from './describe.ts';
import type { Report, ReportedAction } from './report.ts';

/** How text is styled: not at all where it is not for a terminal. */
export type Paint = (text: string, style: 'red' | 'green' | 'yellow' | 'bold') => string;

const HEAD = ['BELONGS BY', 'ROLE', 'PID', 'STATE', 'UID', 'STARTED', 'UPTIME', 'EVIDENCE'];
const STATE = HEAD.indexOf('STATE');

const STATES = { running: 'green', gone: 'red', unknown: 'yellow' } as const;

/** A longer path gets a line of its own. */
const MOST_PATH = 48;

const GAP = '  ';

/** Sweden writes dates as ISO 8601 does, in local time. */
const DATE = new Intl.DateTimeFormat('sv-SE', { dateStyle: 'short', timeStyle: 'medium' });

/** The report for a person. */
export function page(found: Report, isColoured: boolean): string {
  const paint = painter(isColoured);
  const warnings = found.warnings.map((warning) => warningLine(warning, paint));
  return `${[...facts(found), '', ...processes(found, paint), ...planned(found.plan, paint), ...warnings].join('\n')}\n`;
}

export function warningLine(warning: string, paint: Paint): string {
  return `${paint('warning:', 'yellow')} ${printable(warning)}`;
}

export function painter(isColoured: boolean): Paint {
  return (text, style) => (isColoured ? styleText(style, text, { validateStream: false }) : text);
}

function facts(found: Report): string[] {
  const { service, pidfile, forceRestart } = found;
  const force = {
    absent: 'absent',
    present: 'exists: forced restart',
    ignored: 'ignored',
  };
  const rows: [string, string, string][] = [
    ['runfile', service.runfile, found.enabled ? 'exists: enabled' : 'absent: disabled'],
    ['pidfile', service.pidfile, pidfile === null ? (found.problem ?? 'absent') : describePidfile(pidfile)],
    ['binfile', service.binfile, describeBinary(found)],
  ];
  if (service.forceRestartFile !== null) rows.push(['force-restart', service.forceRestartFile, force[forceRestart]]);
  rows.push(['lock', '', describeLock(found)]);
  if (found.hold !== null) rows.push(['hold', found.hold, 'exists: nothing is repaired']);
  const cells = rows.map(([name, path, what]) => [name, printable(path), printable(what)] as const);
  const isLong = (path: string) => widthOf(path) > MOST_PATH;
  const width = Math.max(...cells.map(([, path]) => (isLong(path) ? 0 : widthOf(path))));
  return cells.flatMap(([name, path, what]) => {
    const label = name.padEnd(13);
    if (!isLong(path)) return [`${label}${GAP}${padded(path, width)}${GAP}${what}`];
    return [`${label}${GAP}${path}`, `${' '.repeat(label.length + width)}${GAP}${GAP}${what}`];
  });
}

function describePidfile({ pids, uid, gid, mode, age, link }: NonNullable<Report['pidfile']>): string {
  const count = pids === 0 ? 'no PID' : pids === 1 ? '1 PID' : `${pids} PIDs`;
  const way = link === null ? '' : `, through link ${link.path} of uid ${link.uid}`;
  return `${count}, owner ${uid}:${gid}, mode ${mode}, written ${duration(age)} ago${way}`;
}

function describeBinary({ service: { binfile }, resolved }: Report): string {
  if (resolved === null) return 'cannot be checked';
  if (resolved.length > 0) return resolved.join() === binfile ? 'exists' : `resolves to ${resolved.join(' and ')}`;
  return binfile.includes('/') ? 'does not exist' : 'not found in PATH or the usual directories';
}

function describeLock({ lock: { path, holder, command, problem } }: Report): string {
  if (problem !== null) return `${path} instead, because ${problem}`;
  if (command !== null) return `a start command still runs, PID ${command.pid}`;
  if (holder === null) return 'free';
  const age = holder.uptime === null ? '' : `, started ${duration(holder.uptime)} ago`;
  return `held by sipwd, PID ${holder.pid}${age}`;
}

/** A table: one line for each process. */
function processes(found: Report, paint: Paint): string[] {
  const rows = found.processes.map(cellsOf);
  if (rows.length === 0) return [];
  const lines = columns([HEAD, ...rows], (padded, column, row) => {
    const state = found.processes[row - 1]?.state;
    return column === STATE && state !== undefined ? paint(padded, STATES[state]) : padded;
  });
  return [...lines, ''];
}

function cellsOf(process: ReportedProcess): string[] {
  const { belongs, role, pid, state, uid, started, uptime, evidence, exe, argv0 } = process;
  const facts = [
    evidence,
    ...(exe !== null && !evidence.includes(exe) ? [`exe ${exe}`] : []),
    ...(argv0 && !evidence.startsWith('argv[0]') ? [`argv[0] ${argv0}`] : []),
  ];
  return [
    belongs ?? '-',
    role,
    String(pid),
    state,
    uid === null ? '-' : String(uid),
    started === null ? '-' : DATE.format(new Date(started)),
    uptime === null ? '-' : duration(uptime),
    facts.map(printable).join('; '),
  ];
}

function planned({ kind, why, actions, status }: Report['plan'], paint: Paint): string[] {
  const what = kind === 'refuse' ? `refuse, exit status ${status}` : kind;
  return [
    `${paint(`plan: ${what}`, 'bold')}, because ${printable(why)}`,
    ...actions.map((action, index) => `  ${index + 1}. ${printable(inWords(action))}`),
  ];
}

function inWords(action: ReportedAction): string {
  switch (action.kind) {
    case 'remove':
      return `remove ${action.what} ${action.path}`;
    case 'signal':
      return `send ${action.signals.join(' and ')} to PID ${listed(action.pids)}; SIGKILL after ${action.killAfter} s`;
    case 'start':
      return `start with /bin/sh -c: ${action.command}`;
    case 'exit':
      return `exit with status ${action.status} instead of the start, because of --exit-if-down`;
  }
}

/** @param seconds of which the two largest units are shown */
export function duration(seconds: number): string {
  return prettyMilliseconds(Math.floor(seconds) * 1000, { unitCount: 2 }).replace(/^0ms$/, '0s');
}
