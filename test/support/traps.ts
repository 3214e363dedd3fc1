import { existsSync, readFileSync } from 'node:fs';
import { start } from './process.ts';
import { until } from './wait.ts';

/**
 * A shell that waits without forking: between fork and exec, a child would have the name of the shell, and count as a
 * worker. Its only child runs another program before the test begins, and is killed when the shell exits.
 */
const WAIT = `setpriv --pdeathsig KILL sleep 1000 >/dev/null & _child=$!
until read -r _name </proc/$_child/comm && [ $_name = sleep ]; do :; done
echo ready
while kill -0 $_child 2>/dev/null; do wait; done`;

/**
 * Starts a shell that matches a binary by argv[0], sets its traps, and runs until a signal kills it or a trap exits.
 * Returns when the traps are set.
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

/** Traps that write each signal that sipwd sends into a file, and ignore it otherwise. */
export function noting(file: string): string {
  return ['TERM', 'CONT', 'ABRT'].map((signal) => `trap 'echo ${signal} >>${file}' ${signal}`).join('\n');
}

/** The signals in that file. */
export function notesIn(file: string): string[] {
  return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
}
