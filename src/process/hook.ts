import { ended } from '../log/reasons.ts';
import type { Inheritance } from './inherited.ts';
import { kill } from './kill.ts';
import { startShell } from './shell.ts';
import { sleep } from './sleep.ts';

/** From SIGTERM to SIGKILL. */
const TERM_MS = 2000;
const POLL_MS = 20;

/**
 * Runs a command with `/bin/sh -c` in a process group of its own, which is killed after the timeout. Its standard input
 * is empty: a program that reads it must not wait for a terminal.
 *
 * @param environment all of it
 * @param timeout ms
 * @returns why it did not exit with status 0, in words; undefined when it did
 */
export async function runInGroup(
  command: string,
  inherited: Inheritance,
  environment: NodeJS.ProcessEnv,
  timeout: number,
): Promise<string | undefined> {
  const { pid, problem, forget } = startShell(command, inherited, {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: environment,
    detached: true,
  });
  if (pid === undefined || (await isOverWithin(problem, timeout))) return problem;
  await killGroup(pid);
  // One that the kernel does not let go is left behind.
  forget();
  return ended.timedOut(timeout / 1000);
}

function isOverWithin(end: Promise<unknown>, timeout: number): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), timeout);
    end.then(() => {
      clearTimeout(timer);
      resolve(true);
    });
  });
}

async function killGroup(leader: number): Promise<void> {
  kill(-leader, 'SIGTERM');
  // A stopped process acts on nothing but SIGKILL until it is continued.
  kill(-leader, 'SIGCONT');
  const deadline = performance.now() + TERM_MS;
  while (performance.now() < deadline) {
    if (kill(-leader, 0) === 'ESRCH') return;
    await sleep(POLL_MS);
  }
  kill(-leader, 'SIGKILL');
}
