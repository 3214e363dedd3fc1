import { printable } from '../log/printable.ts';
import type { InspectedProcess, Inspection } from './inspect.ts';

/** How text is marked; without colour, not at all. */
type Paint = (text: string, colour: keyof typeof COLOURS) => string;

const COLOURS = { red: 31, green: 32, yellow: 33, bold: 1 } as const;
const STATES = { running: 'green', gone: 'red', unknown: 'yellow' } as const;

const plain: Paint = (text) => text;
const coloured: Paint = (text, colour) => `\x1b[${COLOURS[colour]}m${text}\x1b[0m`;

/** The page that a person reads: what was found, on what evidence, and what a run would do. */
export function page(found: Inspection, isColoured: boolean): string {
  const paint = isColoured ? coloured : plain;
  const { service, pidfile, plan } = found;
  const facts: [string, string, string][] = [
    [
      'runfile',
      service.runfile,
      found.isMeantToRun ? 'exists: the service is meant to run' : 'absent: not meant to run',
    ],
    ['pidfile', service.pidfile, pidfile === null ? 'absent' : describePidfile(pidfile)],
    ['binfile', service.binfile, found.resolved.length === 0 ? 'no such file' : `is ${found.resolved.join(', ')}`],
    [
      'force file',
      service.forceRestartFile ?? '-',
      service.forceRestartFile === null ? 'not given' : found.forceRestart,
    ],
    ['lock', '-', found.lockHolder === null ? 'free' : `held by PID ${found.lockHolder}`],
  ];
  const width = Math.max(...facts.map(([, path]) => printable(path).length));
  return [
    ...facts.map(([name, path, what]) => `${name.padEnd(11)}${printable(path).padEnd(width)}  ${printable(what)}`),
    '',
    ...found.processes.flatMap((process) => describe(process, 'PID', paint)),
    ...found.survivors.flatMap((process) => describe(process, 'survivor', paint)),
    ...(found.processes.length + found.survivors.length > 0 ? [''] : []),
    `${paint(`would do: ${plan.action}`, 'bold')}, because ${printable(plan.why)}`,
    ...plan.steps.map((step, index) => `  ${index + 1}. ${printable(step)}`),
    '',
  ].join('\n');
}

/** A time in seconds, by its two largest units: `3 d 4 h`. */
export function duration(seconds: number): string {
  const units = [
    ['d', 86_400],
    ['h', 3600],
    ['min', 60],
    ['s', 1],
  ] as const;
  const first = units.findIndex(([, size]) => seconds >= size);
  if (first === -1) return '0 s';
  let rest = seconds;
  const parts = units.slice(first, first + 2).map(([name, size]) => {
    const count = Math.floor(rest / size);
    rest -= count * size;
    return count > 0 ? `${count} ${name}` : '';
  });
  return parts.filter(Boolean).join(' ');
}

function describePidfile({ pids, uid, gid, mode, age }: NonNullable<Inspection['pidfile']>): string {
  const count = pids === 1 ? '1 PID' : `${pids} PIDs`;
  return `${count}, owner ${uid}:${gid}, mode ${mode}, written ${duration(age)} ago`;
}

function describe(process: InspectedProcess, title: string, paint: Paint): string[] {
  const { pid, state, evidence, exe, argv0, uid, startTime, uptime } = process;
  const head = `${title} ${pid}`.padEnd(18);
  const lines = [`${head}${paint(state.padEnd(9), STATES[state])}${printable(evidence)}`];
  const facts = [
    exe !== null && `exe ${exe}`,
    argv0 !== null && argv0 !== '' && `argv[0] ${argv0}`,
    uid !== null && `uid ${uid}`,
    startTime !== null && `start time ${startTime}`,
    uptime !== null && `up ${duration(uptime)}`,
  ].filter((fact) => fact !== false);
  if (facts.length > 0) lines.push(`${' '.repeat(27)}${printable(facts.join(', '))}`);
  return lines;
}
