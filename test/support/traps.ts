import { existsSync, readFileSync } from 'node:fs';
import { start } from './process.ts';
import { until } from './wait.ts';

/**
 * Starts a shell that goes by the name of a binary (it matches by argv[0]), sets its traps, and runs until a signal
 * or a trap ends it; returns when the traps are set.
 */
export async function startTrapping(argv0: string, traps: string): Promise<number> {
  // The shell acts on a signal when the sleep that it is in has ended.
  const script = `${traps}\necho ready; while :; do sleep 0.02; done`;
  const child = start('/bin/sh', ['-c', script], { argv0, stdio: ['ignore', 'pipe', 'ignore'] });
  let isReady = false;
  child.stdout?.once('data', () => {
    isReady = true;
  });
  await until(`${child.pid} has set its traps`, () => isReady);
  return child.pid;
}

/** Traps that note in a file each signal that sipwd sends and that can be trapped, and do nothing else. */
export function noting(file: string): string {
  return ['TERM', 'CONT', 'ABRT'].map((signal) => `trap 'echo ${signal} >>${file}' ${signal}`).join('\n');
}

/** What was noted so far, line by line. */
export function notesIn(file: string): string[] {
  return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
}
