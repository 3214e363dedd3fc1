import { existsSync, readFileSync } from 'node:fs';
import { start } from './process.ts';
import { until } from './wait.ts';

/**
 * A shell that waits without forking: between fork and exec, a child would have its name, and so would be a worker. Its
 * only child runs another program before the test begins, and is killed with it.
 */
const WAIT = `setpriv --pdeathsig KILL sleep 1000 >/dev/null & _child=$!
until read -r _name </proc/$_child/comm && [ $_name = sleep ]; do :; done
echo ready
while kill -0 $_child 2>/dev/null; do wait; done`;

/**
 * Starts a shell that matches a binary by argv[0], sets its traps, and runs until a signal or a trap ends it; returns
 * when the traps are set.
 */
export async function startTrapping(argv0: string, traps: string): Promise<number> {
  const child = start('/bin/sh', ['-c', `${traps}\n${WAIT}`], { argv0, stdio: ['ignore', 'pipe', 'ignore'] });
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
