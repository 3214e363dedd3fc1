import { closeSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { noteCommand } from '../../src/files/lock.ts';
import { free, ours, state, take, unlocked } from '../support/locks.ts';
import { NO_PID, start, startTimeOf, startZombie } from '../support/process.ts';
import type { TestService } from '../support/service.ts';

/** What is left when sipwd is killed while its start command runs. */
async function leave(service: TestService, pid: number, startTime = Number(startTimeOf(pid))): Promise<void> {
  const lock = await take(service);
  if (lock.kind !== 'ours') throw new Error(`the lock is ${lock.kind}`);
  noteCommand(lock, { pid, startTime });
  closeSync(lock.descriptor);
}

test('when the start command still runs, the lock is not ours, and the file stays the same', async () => {
  const { service, path } = unlocked();
  const { pid } = start('/bin/sleep', ['1000']);
  await leave(service, pid);
  const content = `${process.pid}\n${pid} ${startTimeOf(pid)}\n`;
  expect(readFileSync(path, 'utf8')).toBe(content);
  expect(state(service)).toEqual({ kind: 'starting', path, command: pid });
  expect(await take(service)).toEqual({ kind: 'starting', path, command: pid });
  expect(readFileSync(path, 'utf8')).toBe(content);
});

test('when the sipwd of the start command still holds the lock, the lock is held', async () => {
  const { service, path } = unlocked();
  const { pid } = start('/bin/sleep', ['1000']);
  const lock = await take(service);
  noteCommand(lock, { pid, startTime: Number(startTimeOf(pid)) });
  expect(state(service)).toEqual({ kind: 'held', path, holder: process.pid });
  expect((await take(service)).kind).toBe('held');
});

test('when the start command does not exist, or its PID was recycled, the lock is free, and the next holder removes it', async () => {
  for (const [pid, startTime] of [
    [NO_PID, 1],
    [process.ppid, Number(startTimeOf(process.ppid)) + 1],
  ] as const) {
    const { service, path } = unlocked();
    await leave(service, pid, startTime);
    expect(state(service)).toEqual(free(path));
    expect(await take(service)).toEqual(ours(path));
    expect(readFileSync(path, 'utf8')).toBe(`${process.pid}\n`);
  }
});

test('when the start command is a zombie, it has exited: the lock is free', async () => {
  const { service, path } = unlocked();
  const zombie = await startZombie('sleep');
  await leave(service, zombie);
  expect(state(service)).toEqual(free(path));
  expect(await take(service)).toEqual(ours(path));
});
