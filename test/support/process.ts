import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { basename } from 'node:path';
import { until } from './wait.ts';

/** The kernel uses the highest PID last: no process has it. */
export const NO_PID = 4_194_303;

/** The state letter of a process in /proc; undefined when it does not exist. */
export function stateOf(pid: number): string | undefined {
  return statField(pid, 3);
}

/** A field of /proc/PID/stat, by its number in proc_pid_stat(5), 3 or above; undefined when the process does not exist. */
export function statField(pid: number, field: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[field - 3];
  } catch {
    return undefined;
  }
}

/** The name of a process in /proc; undefined when it does not exist. */
export function commOf(pid: number): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').replace(/\n$/, '');
  } catch {
    return undefined;
  }
}

/** Whether a process exists and is not a zombie. */
export function isAlive(pid: number): boolean {
  return !['Z', 'X', undefined].includes(stateOf(pid));
}

/** The processes that run a binary, by PID. */
export function processesOf(isOf: (exe: string | undefined) => boolean): number[] {
  const pids = readdirSync('/proc').map(Number);
  return pids.filter((pid) => pid > 1 && isAlive(pid) && isOf(exeOf(pid))).sort((one, other) => one - other);
}

/** The path of the binary of a process; undefined when it does not exist. */
export function exeOf(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/exe`).replace(/ \(deleted\)$/, '');
  } catch {
    return undefined;
  }
}

/** The files that a process holds open. Leaves out what it closes meanwhile. */
export function openFilesOf(pid: number): string[] {
  return readdirSync(`/proc/${pid}/fd`).flatMap((descriptor) => {
    try {
      return [readlinkSync(`/proc/${pid}/fd/${descriptor}`)];
    } catch {
      return [];
    }
  });
}

/** The start time of a process, in clock ticks. */
export function startTimeOf(pid: number): string {
  const startTime = statField(pid, 22);
  if (startTime === undefined) throw new Error(`PID ${pid} does not exist`);
  return startTime;
}

const started: ChildProcess[] = [];

/** Starts a process, which `endProcesses` kills. It may not be ready yet. */
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

/** Starts a shell that prepares something and then becomes another program; returns when it has. */
export async function startAs(script: string, becomes: string, options: SpawnOptions = {}): Promise<number> {
  const { pid } = start('/bin/sh', ['-c', script], options);
  await until(`${pid} runs ${becomes}`, () => commOf(pid) === becomes.slice(0, 15));
  return pid;
}

/** Starts a shell, or a copy of one, that changes its name (comm) and waits for input; returns when it has. */
export async function startRenamed(shell: string, name: string, options: SpawnOptions = {}): Promise<number> {
  const script = `printf ${name} >/proc/$$/comm; read -r line`;
  const { pid } = start(shell, ['-c', script], { stdio: ['pipe', 'ignore', 'ignore'], ...options });
  await until(`${pid} is called ${name}`, () => commOf(pid) === name);
  return pid;
}

/** Starts a daemon that sleeps. The shell that becomes the daemon runs `before` first, for example `trap '' TERM`. */
export function startSleeper(binfile: string, before = ':', options: SpawnOptions = {}): Promise<number> {
  return startAs(`${before}; exec ${binfile} 1000`, basename(binfile), options);
}

/** Kills all processes that were started. */
export function endProcesses(): void {
  for (const child of started.splice(0)) child.kill('SIGKILL');
}

/** A process that has exited, and whose parent does not wait for it. */
export async function startZombie(program: string): Promise<number> {
  // The shell becomes a program that reaps nobody. It must do so before the other one exits.
  const parent = start('/bin/sh', ['-c', `${program} 1000 & echo $!; exec sleep 1000`], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let output = '';
  parent.stdout?.on('data', (data: Buffer) => {
    output += data;
  });
  const pid = await until('the PID is known', () => Number(output));
  await until('its parent is no shell', () => exeOf(parent.pid)?.endsWith('/sleep') === true);
  process.kill(pid, 'SIGKILL');
  await until(`${pid} is a zombie`, () => stateOf(pid) === 'Z');
  return pid;
}
