import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { kill } from '../../src/process/kill.ts';
import { Procfs } from '../../src/process/procfs.ts';
import { forget } from './forget.ts';
import { namesIn, statesOf } from './states.ts';

/** Processes that were killed last exit meanwhile. */
const EXIT_MS = 3000;

const proc = new Procfs();

/**
 * What a test run has left behind, in words. The processes are killed, and the locks and snapshots removed.
 *
 * @param directory in which the run had all its files
 * @param mark NAME=value, which its processes have in their environment
 */
export async function leftBehind(directory: string, mark: string): Promise<string[]> {
  const deadline = performance.now() + EXIT_MS;
  let pids = await processesOfRun(directory, mark);
  while (pids.length > 0 && performance.now() < deadline) {
    await setTimeout(50);
    pids = await processesOfRun(directory, mark);
  }
  const processes = pids.map((pid) => `process ${pid}: ${commandOf(pid)}`);
  for (const pid of pids) kill(pid, 'SIGKILL');
  const states = statesOf(directory);
  forget(directory);
  return [...processes, ...states, ...namesIn(directory).map((name) => join(directory, name))];
}

/** The processes with the mark, or with a binary in the directory. Other users' test runs have neither. */
async function processesOfRun(directory: string, mark: string): Promise<number[]> {
  const pids = proc
    .processes()
    .filter(({ pid, parent }) => pid !== process.pid && !(parent === process.pid && isOfVitest(pid)))
    .map(({ pid }) => pid);
  const marked = await proc.withEnvironment(pids, mark);
  return pids.filter((pid) => marked.includes(pid) || isBelow(directory, pid));
}

/** Its workers run until the end. */
function isOfVitest(pid: number): boolean {
  return commandOf(pid).includes('/vitest/');
}

function isBelow(directory: string, pid: number): boolean {
  const exe = proc.exe(String(pid));
  return exe.kind === 'read' && exe.value.startsWith(`${directory}/`);
}

/** The words of its command line; empty when the process has exited. */
export function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
  } catch {
    return '';
  }
}
