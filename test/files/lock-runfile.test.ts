import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { expect, test } from 'vitest';
import { problem } from '../../src/log/reasons.ts';
import { free, ours, state, take, unlocked } from '../support/locks.ts';

const IN_THE_WAY: Record<string, (path: string) => void> = {
  'a directory': (path) => mkdirSync(path),
  'a FIFO': (path) => execFileSync('mkfifo', [path]),
  'a symbolic link to a file': (path) => symlinkSync('/dev/null', path),
  'a symbolic link to nowhere': (path) => symlinkSync(`${path}.absent`, path),
};
test.for(Object.entries(IN_THE_WAY))(
  'when %s is in the way, the runfile is locked, and why is said',
  async ([, make]) => {
    const { service, path } = unlocked();
    make(path);
    expect(state(service)).toEqual(free(service.runfile, `${path}: ${problem.notRegular()}`));
    const reason = expect.stringMatching(/: (?:it is not a regular file|.+ \((?:EISDIR|ELOOP)\))$/);
    expect(await take(service)).toEqual(ours(service.runfile, reason));
    expect(readFileSync(service.runfile, 'utf8')).toBe('');
    expect(existsSync(`${path}.absent`)).toBe(false);
  },
);

test('when the runfile is locked already, the lock is held', async () => {
  const { service, path } = unlocked();
  mkdirSync(path);
  await take(service);
  expect(await take(service)).toEqual({ kind: 'held', path: service.runfile, holder: undefined });
});

test('when the runfile cannot be opened either, the problem names both', async () => {
  const { service, path } = unlocked();
  mkdirSync(path);
  rmSync(service.runfile);
  const both = expect.stringMatching(/\(ENOENT\); .*\(EISDIR\)$/);
  expect(await take(service)).toEqual({ kind: 'not available', path: service.runfile, problem: both });
});
