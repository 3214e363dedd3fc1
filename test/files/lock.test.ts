import { existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync, symlinkSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { type Lock, lockState, takeLock } from '../../src/files/lock.ts';
import { makeStateDirectory, stateDirectory } from '../../src/files/state-dir.ts';
import { problem } from '../../src/log/reasons.ts';
import { Procfs } from '../../src/process/procfs.ts';
import { NO_PID, start } from '../support/process.ts';
import { type TestService, testService } from '../support/service.ts';

const take = ({ pidfile }: TestService) => takeLock(pidfile, process.env);
const state = ({ pidfile }: TestService) => lockState(pidfile, process.env, new Procfs());

/** A service, and the path of its lock, in a state directory that exists. */
function unlocked() {
  const service = testService();
  makeStateDirectory(stateDirectory(process.env));
  return { service, path: state(service).path };
}

test('when no process has taken the lock, it is free, and reading its state creates no file', () => {
  const { service, path } = unlocked();
  expect(state(service)).toEqual({ kind: 'free', path });
  expect(existsSync(path)).toBe(false);
});

test('when the lock is taken, it is ours, and its file holds the PID of its holder', () => {
  const { service, path } = unlocked();
  expect(take(service)).toEqual({ kind: 'ours', path });
  expect(readFileSync(path, 'utf8')).toBe(`${process.pid}\n`);
  expect(state(service)).toEqual({ kind: 'held', path, holder: process.pid });
});

test('when the lock is held, it cannot be taken again, and the file stays the same', () => {
  const { service, path } = unlocked();
  take(service);
  expect(take(service)).toEqual({ kind: 'held', path, holder: undefined });
  expect(readFileSync(path, 'utf8')).toBe(`${process.pid}\n`);
});

test('when another service is locked, the lock is free', () => {
  const { service, path } = unlocked();
  take(testService());
  expect(take(service)).toEqual({ kind: 'ours', path });
});

test('when a file names a process that does not hold the lock, the lock is free and can be taken', () => {
  const { service, path } = unlocked();
  for (const stale of [NO_PID, process.ppid, 'text']) {
    writeFileSync(path, `${stale}\n`);
    expect(state(service)).toEqual({ kind: 'free', path });
  }
  expect(take(service)).toEqual({ kind: 'ours', path });
  expect(readFileSync(path, 'utf8')).toBe(`${process.pid}\n`);
});

test('when a process is started while the lock is held, it does not inherit the lock', () => {
  const { service, path } = unlocked();
  take(service);
  const { pid } = start('/bin/sleep', ['1000']);
  const files = readdirSync(`/proc/${pid}/fd`).map((descriptor) => readlinkSync(`/proc/${pid}/fd/${descriptor}`));
  expect(files).not.toContain(path);
});

const IN_THE_WAY: Record<string, (path: string) => void> = {
  'a directory': (path) => mkdirSync(path),
  'a symbolic link to a file': (path) => symlinkSync('/dev/null', path),
  'a symbolic link to nowhere': (path) => symlinkSync(`${path}.absent`, path),
};
test.for(Object.entries(IN_THE_WAY))('when %s is in its place, the lock cannot be taken', ([, make]) => {
  const { service, path } = unlocked();
  make(path);
  const notAvailable: Lock = { kind: 'not available', path, problem: expect.any(String) };
  expect(take(service)).toEqual(notAvailable);
  expect(state(service)).toEqual({ ...notAvailable, problem: problem.notRegular() });
  expect(existsSync(`${path}.absent`)).toBe(false);
});
