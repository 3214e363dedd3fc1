import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { basename } from 'node:path';
import { until } from './wait.ts';

/** The kernel gives this one out last of all: no process has it. */
export const NO_PID = 4_194_303;

/** The state letter of a process as /proc has it; undefined when there is no such process. */
export function stateOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2)[0];
  } catch {
    return undefined;
  }
}

/** The name of a process as /proc has it; undefined when there is no such process. */
export function commOf(pid: number): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').replace(/\n$/, '');
  } catch {
    return undefined;
  }
}

/** Whether it runs: is neither absent nor a zombie. */
export function isAlive(pid: number): boolean {
  return !['Z', 'X', undefined].includes(stateOf(pid));
}

/** The PIDs of those that run a binary, in their order. */
export function processesOf(isOf: (exe: string | undefined) => boolean): number[] {
  const pids = readdirSync('/proc').map(Number);
  return pids.filter((pid) => pid > 1 && isAlive(pid) && isOf(exeOf(pid))).sort((one, other) => one - other);
}

/** The path of the binary that a process runs; undefined when there is no such process. */
export function exeOf(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/exe`).replace(/ \(deleted\)$/, '');
  } catch {
    return undefined;
  }
}

/** Field 22 of /proc/PID/stat. */
export function startTimeOf(pid: number): string | undefined {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
}

const started: ChildProcess[] = [];

/** Starts a process that `endProcesses` ends. It is there, but need not be ready. */
export function start(
  file: string,
  args: readonly string[] = [],
  options: SpawnOptions = {},
): ChildProcess & { pid: number } {
  const child = spawn(file, args, { stdio: ['ignore', 'ignore', 'ignore'], ...options });
  started.push(child);
  child.on('error', () => undefined);
  if (child.pid === undefined) throw new Error(`cannot start ${file}`);
  return child as ChildProcess & { pid: number };
}

/** Starts a shell that sets itself up and then becomes another program; returns when it has. */
export async function startAs(script: string, becomes: string, options: SpawnOptions = {}): Promise<number> {
  const { pid } = start('/bin/sh', ['-c', script], options);
  await until(`${pid} runs ${becomes}`, () => commOf(pid) === becomes.slice(0, 15));
  return pid;
}

/** Starts a shell, or a copy of one, that gives itself another name (comm) and waits for input; returns when it has. */
export async function startRenamed(shell: string, name: string, options: SpawnOptions = {}): Promise<number> {
  const script = `printf ${name} >/proc/$$/comm; read -r line`;
  const { pid } = start(shell, ['-c', script], { stdio: ['pipe', 'ignore', 'ignore'], ...options });
  await until(`${pid} is called ${name}`, () => commOf(pid) === name);
  return pid;
}

/** Starts a daemon of a service that sleeps; what is before it is done in the shell that becomes it, as `trap '' TERM`. */
export function startSleeper(binfile: string, before = ':', options: SpawnOptions = {}): Promise<number> {
  return startAs(`${before}; exec ${binfile} 1000`, basename(binfile), options);
}

/** Kills whatever was started, group or not. */
export function endProcesses(): void {
  for (const child of started.splice(0)) child.kill('SIGKILL');
}
