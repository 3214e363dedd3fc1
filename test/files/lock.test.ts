import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { free, ours, state, take, unlocked } from '../support/locks.ts';
import { NO_PID, openFilesOf, startSleeper } from '../support/process.ts';
import { testService } from '../support/service.ts';

test('when no process has taken the lock, it is free, and reading its state creates no file', () => {
  const { service, path } = unlocked();
  expect(state(service)).toEqual(free(path));
  expect(existsSync(path)).toBe(false);
});

test('when the lock is taken, it is ours, and its file holds the PID of its holder', async () => {
  const { service, path } = unlocked();
  expect(await take(service)).toEqual(ours(path));
  expect(readFileSync(path, 'utf8')).toBe(`${process.pid}\n`);
  expect(state(service)).toEqual({ kind: 'held', path, holder: process.pid });
});

test('when the lock is held, it cannot be taken again, and the file stays the same', async () => {
  const { service, path } = unlocked();
  await take(service);
  expect(await take(service)).toEqual({ kind: 'held', path, holder: undefined });
  expect(readFileSync(path, 'utf8')).toBe(`${process.pid}\n`);
});

test('when the lock is held, that is known at once', async () => {
  const { service } = unlocked();
  await take(service);
  const waits: number[] = [];
  // A busy machine can delay any of them: the shortest shows what sipwd itself adds.
  while (waits.length < 5 && !waits.some((ms) => ms < 500)) {
    const began = performance.now();
    await take(service);
    waits.push(performance.now() - began);
  }
  expect(Math.min(...waits)).toBeLessThan(500);
});

test('when another service is locked, the lock is free', async () => {
  const { service, path } = unlocked();
  await take(testService());
  expect(await take(service)).toEqual(ours(path));
});

test('when a file names a process that does not hold the lock, the lock is free and can be taken', async () => {
  const { service, path } = unlocked();
  for (const stale of [NO_PID, process.ppid, 'text']) {
    writeFileSync(path, `${stale}\n`);
    expect(state(service)).toEqual(free(path));
  }
  expect(await take(service)).toEqual(ours(path));
  expect(readFileSync(path, 'utf8')).toBe(`${process.pid}\n`);
});

test('when a process is started while the lock is held, it does not inherit the lock', async () => {
  const { service, path } = unlocked();
  await take(service);
  const pid = await startSleeper('/bin/sleep');
  expect(openFilesOf(pid)).not.toContain(path);
});
