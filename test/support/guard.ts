import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { until } from './wait.ts';

/**
 * Changes the machine during a call. A shell makes the change, and undoes it when its standard input ends: after the
 * call, and also when the test run is killed.
 *
 * @param set shell commands
 * @param undo shell commands, in the same shell
 */
export async function whileSet<T>(set: string, undo: string, act: () => Promise<T>): Promise<T> {
  const script = `trap '' HUP INT TERM\n{ ${set}\n} && echo set\ncat >/dev/null\n${undo}`;
  const guard = spawn('/bin/sh', ['-c', script], { detached: true, stdio: ['pipe', 'pipe', 'inherit'] });
  const over = once(guard, 'exit');
  let isSet = false;
  guard.stdout.once('data', () => {
    isSet = true;
  });
  try {
    await until(`the machine is set: ${set}`, () => isSet);
    return await act();
  } finally {
    guard.stdin.end();
    await over;
  }
}
