import { statSync } from 'node:fs';
import { expect } from 'vitest';
import { toService } from '../../src/args/service.ts';
import { DEFAULT_SETTINGS, type Settings } from '../../src/args/settings.ts';
import { DIRECTORIES } from '../../src/files/directories.ts';
import { type Pidfile, readPidfile } from '../../src/files/pidfile.ts';
import { Journal } from '../../src/log/log.ts';
import { Procfs } from '../../src/process/procfs.ts';
import type { ProcessId, Running, Witness } from '../../src/process/verdict.ts';
import { Check } from '../../src/service/check.ts';
import { AT_ONCE, type Context } from '../../src/service/context.ts';
import { scan } from '../../src/service/scan.ts';
import { Crew } from './crew.ts';
import { startTimeOf } from './process.ts';
import { until } from './wait.ts';

interface Options extends Partial<Settings> {
  readonly proc?: Procfs;
  readonly binfile?: string;
}

/** The check of a daemon, without a run of sipwd. */
export function checkOf(
  { args, service }: Crew,
  { proc = new Procfs(), binfile = service.binfile, ...changes }: Options = {},
): Check {
  const [runfile = '', , pidfile = '', command = ''] = args;
  const checked = toService([runfile, binfile, pidfile, command], { ...DEFAULT_SETTINGS, ...changes });
  return new Check(checked, contextWith(proc));
}

/** What a pass over a service works with, without a log. */
export function contextWith(proc: Procfs): Context {
  return {
    proc,
    directories: DIRECTORIES,
    environment: process.env,
    log: new Journal(false).about(),
    scan: async () => scan(proc),
    turn: AT_ONCE,
  };
}

export const idOf = (pid: number): ProcessId => ({ pid, startTime: Number(startTimeOf(pid)) });

export function pidfileOf(crew: Crew): Pidfile {
  return readPidfile(crew.pidfile);
}

/** The running ones of its main processes. */
export async function runningIn(check: Check, crew: Crew): Promise<Running[]> {
  return (await check.verdicts(pidfileOf(crew))).filter((verdict) => verdict.kind === 'running');
}

/** Stores a snapshot of what runs now. */
export async function store(crew: Crew, others: readonly Witness[] = [], check = checkOf(crew)): Promise<void> {
  const running = await runningIn(check, crew);
  const workers = [...check.descendants(running), ...others];
  expect(check.storeHealthy(pidfileOf(crew), running, workers)).toBeUndefined();
}

/** A daemon that was healthy, and its snapshot. */
export async function seen(...lines: string[]) {
  const crew = new Crew(lines);
  await crew.start();
  // The shell that starts it writes the pidfile, maybe before the binary runs.
  await until('the main process runs', async () => (await runningIn(checkOf(crew), crew)).length === 1);
  await store(crew);
  expect(checkOf(crew).stored?.snapshot).toBeDefined();
  return { crew, pidfile: pidfileOf(crew), main: idOf(crew.main), workers: crew.workers.map(idOf) };
}

/** Writes the pidfile again, until its time of change differs. */
export function rewrite({ service, pidfile, main }: Crew): void {
  const before = statSync(pidfile).mtimeMs;
  do service.write('one.pid', `${main}\n`);
  while (statSync(pidfile).mtimeMs === before);
}
