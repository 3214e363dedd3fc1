import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { until } from './wait.ts';

/**
 * Does something while the machine is in another state. A shell sets it and puts it back when its standard input ends:
 * when the test is over, and also when the test run was killed.
 *
 * @param set shell commands
 * @param putBack shell commands, in the same shell
 */
export async function whileSet<T>(set: string, putBack: string, act: () => Promise<T>): Promise<T> {
  const script = `trap '' HUP INT TERM\n{ ${set}\n} && echo set\ncat >/dev/null\n${putBack}`;
  const guard = spawn('/bin/sh', ['-c', script], { detached: true, stdio: ['pipe', 'pipe', 'inherit'] });
  const over = once(guard, 'exit');
  let isSet = false;
  guard.stdout.once('data', () => {
    isSet = true;
  });
  try {
    await until(`the machine is set: ${set}`, () => isSet, 20_000);
    return await act();
  } finally {
    guard.stdin.end();
    await over;
  }
}
