import { printable } from '../log/printable.ts';
import { namePids } from '../process/health.ts';
import type { InspectedProcess } from './describe.ts';
import type { Inspection } from './inspect.ts';
import type { Plan, Step } from './plan.ts';
import { dateAndTime, duration } from './time.ts';

/** How text is marked; without colour, not at all. */
type Paint = (text: string, colour: keyof typeof COLOURS) => string;

const COLOURS = { red: 31, green: 32, yellow: 33, bold: 1 } as const;
const STATES = { running: 'green', gone: 'red', unknown: 'yellow' } as const;

const plain: Paint = (text) => text;
const coloured: Paint = (text, colour) => `\x1b[${COLOURS[colour]}m${text}\x1b[0m`;

/** A longer path has a line for itself, so that it does not push what is said of all of them out of sight. */
const MOST_PATH = 48;

const GAP = '  ';

/** The page that a person reads: what was found, on what evidence, and what a run would do. */
export function page(found: Inspection, isColoured: boolean): string {
  const paint = isColoured ? coloured : plain;
  return `${[...facts(found), '', ...processes(found, paint), ...verdict(found.plan, paint)].join('\n')}\n`;
}

function facts(found: Inspection): string[] {
  const { service, pidfile, forceRestart } = found;
  const force = {
    absent: 'absent',
    present: 'exists: a restart is ordered',
    ignored: 'ignored: not a regular file, or out of reach',
  };
  const rows: [string, string, string][] = [
    ['runfile', service.runfile, found.isMeantToRun ? 'exists: meant to run' : 'absent: not meant to run'],
    ['pidfile', service.pidfile, pidfile === null ? (found.problem ?? 'absent') : describePidfile(pidfile)],
    ['binfile', service.binfile, describeBinary(found)],
  ];
  if (service.forceRestartFile !== null) rows.push(['force file', service.forceRestartFile, force[forceRestart]]);
  rows.push(['lock', '', describeLock(found)]);
  const cells = rows.map(([name, path, what]) => [name, printable(path), printable(what)] as const);
  const width = Math.max(...cells.map(([, path]) => (path.length > MOST_PATH ? 0 : path.length)));
  return cells.flatMap(([name, path, what]) => {
    const label = name.padEnd(10);
    if (path.length <= MOST_PATH) return [`${label}${GAP}${path.padEnd(width)}${GAP}${what}`];
    return [`${label}${GAP}${path}`, `${' '.repeat(label.length + width)}${GAP}${GAP}${what}`];
  });
}

function describePidfile({ pids, uid, gid, mode, age, link }: NonNullable<Inspection['pidfile']>): string {
  const count = pids === 0 ? 'no PID' : pids === 1 ? '1 PID' : `${pids} PIDs`;
  const way = link === null ? '' : `, by the link ${link.path} of uid ${link.uid}`;
  return `${count}, owner ${uid}:${gid}, mode ${mode}, written ${duration(age)} ago${way}`;
}

function describeBinary({ service: { binfile }, resolved }: Inspection): string {
  if (resolved === null) return 'cannot be looked at';
  if (resolved.length > 0) return resolved.join() === binfile ? 'exists' : `is ${resolved.join(' and ')}`;
  return binfile.includes('/') ? 'no such file' : 'in no folder of PATH, nor in the usual ones';
}

function describeLock({ lock: { holder, problem } }: Inspection): string {
  if (problem !== null) return problem;
  if (holder === null) return 'free';
  const age = holder.uptime === null ? '' : `, started ${duration(holder.uptime)} ago`;
  return `held by sipwd, PID ${holder.pid}${age}`;
}

/** A table: one line for each process. */
function processes(found: Inspection, paint: Paint): string[] {
  // While nothing is to be done, nobody outlives anybody.
  const worker = found.plan.action === 'nothing' ? 'worker' : 'survivor';
  const rows = [
    ...found.processes.map((process) => ['pidfile', process] as const),
    ...found.survivors.map((process) => [worker, process] as const),
  ].map(([from, process]) => cellsOf(from, process));
  if (rows.length === 0) return [];
  const table = [['FROM', 'PID', 'STATE', 'UID', 'STARTED', 'UPTIME', 'EVIDENCE'], ...rows];
  const widths = (table[0] ?? []).map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0)));
  const lines = table.map((row) =>
    row
      .map((cell, column) => {
        const padded = column === row.length - 1 ? cell : cell.padEnd(widths[column] ?? 0);
        return isState(cell) && column === 2 ? paint(padded, STATES[cell]) : padded;
      })
      .join(GAP),
  );
  return [...lines, ''];
}

function cellsOf(from: string, { pid, state, uid, started, uptime, evidence, exe, argv0 }: InspectedProcess): string[] {
  const facts = [
    evidence,
    ...(exe !== null && !evidence.includes(exe) ? [`exe ${exe}`] : []),
    ...(argv0 && !evidence.startsWith('argv[0]') ? [`argv[0] ${argv0}`] : []),
  ];
  return [
    from,
    String(pid),
    state,
    uid === null ? '-' : String(uid),
    started === null ? '-' : dateAndTime(new Date(started)),
    uptime === null ? '-' : duration(uptime),
    facts.map(printable).join('; '),
  ];
}

function isState(cell: string): cell is keyof typeof STATES {
  return cell in STATES;
}

function verdict({ action, why, steps, status }: Plan, paint: Paint): string[] {
  const what = action === 'refuse' ? `refuse, with exit status ${status}` : action;
  return [
    `${paint(`would do: ${what}`, 'bold')}, because ${printable(why)}`,
    ...steps.map((step, index) => `  ${index + 1}. ${printable(inWords(step))}`),
  ];
}

function inWords(step: Step): string {
  switch (step.kind) {
    case 'remove':
      return `remove ${step.path}`;
    case 'signal':
      return `send ${step.signals.join(' and ')} to PID ${namePids(step.pids)}; SIGKILL to whoever is left after ${step.killAfter} s`;
    case 'run':
      return `run with /bin/sh -c: ${step.command}`;
    case 'exit':
      return `exit ${step.status}, not start it, because of --exit-if-down`;
  }
}
