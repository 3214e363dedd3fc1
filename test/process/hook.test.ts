import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ended } from '../../src/log/reasons.ts';
import { runInGroup } from '../../src/process/hook.ts';
import { temporaryFolder } from '../support/folder.ts';
import { isAlive, stateOf } from '../support/process.ts';
import { until } from '../support/wait.ts';

const NOTHING = { openFiles: undefined, ignored: [], blocked: [], undecoded: [] };

const run = (command: string, timeout = 10_000) => runInGroup(command, NOTHING, { PATH: process.env.PATH }, timeout);

/** A file for the PID of a process, and that PID. */
function pidIn(folder: string, name: string) {
  const path = join(folder, name);
  return { path, pid: () => (existsSync(path) ? Number(readFileSync(path, 'utf8')) : 0) };
}

describe('a command in a process group of its own', () => {
  test('when it exits in time, the result is its status or signal, in words', async () => {
    expect(await run('true')).toBeUndefined();
    expect(await run('exit 7')).toBe(ended.status(7));
    expect(await run('kill -KILL $$')).toBe(ended.signal('SIGKILL'));
  });

  test('when the shell exits and leaves a process, that process goes on', async () => {
    const { path, pid } = pidIn(temporaryFolder(), 'pid');
    expect(await run(`sleep 1000 & echo $! >${path}`)).toBeUndefined();
    expect(isAlive(pid())).toBe(true);
    process.kill(pid(), 'SIGKILL');
  });

  test('when it takes too long, it gets SIGTERM, and can clean up', async () => {
    const { path, pid } = pidIn(temporaryFolder(), 'done');
    expect(await run(`trap 'echo 1 >${path}; exit' TERM; sleep 1000 & wait`, 200)).toBe(ended.timedOut(0.2));
    expect(pid()).toBe(1);
  });

  test('when it ignores SIGTERM, or is stopped, it gets SIGKILL, and so does its whole group', async () => {
    const folder = temporaryFolder();
    const [child, shell] = [pidIn(folder, 'child'), pidIn(folder, 'shell')];
    const command = `trap '' TERM; sleep 1000 & echo $! >${child.path}; echo $$ >${shell.path}; kill -STOP $$; wait`;
    expect(await run(command, 500)).toBe(ended.timedOut(0.5));
    await until('both are gone', () => [child, shell].every(({ pid }) => !isAlive(pid())));
    expect(stateOf(shell.pid())).not.toBe('T');
  });

  test('when a process of the group ends later than the shell, it gets SIGKILL', async () => {
    const { path, pid } = pidIn(temporaryFolder(), 'child');
    const command = `sh -c 'trap "" TERM; echo $$ >${path}; while :; do sleep 0.1; done' & wait`;
    expect(await run(command, 500)).toBe(ended.timedOut(0.5));
    await until('it is gone', () => !isAlive(pid()));
  });
});
