import { describe, expect, test } from 'vitest';
import { SharedProcfs } from '../../src/process/shared-procfs.ts';
import { temporaryFolder } from '../support/folder.ts';

describe('a search of environments by several services', () => {
  const [one, two] = [`SIPWD_COOKIE=${'1'.repeat(32)}`, `SIPWD_COOKIE=${'2'.repeat(32)}`];
  const shared = () =>
    new SharedProcfs(temporaryFolder({ '7/environ': `A=1\0${one}\0`, '8/environ': `${two}\0`, '9/environ': '' }));

  test('when they ask in one turn, each gets the processes with its text, among those that it asked for', async () => {
    const proc = shared();
    const asked = [[7, 8, 9], [9], [8]].map((pids) => proc.withEnvironment(pids, one));
    const other = proc.withEnvironment([7, 8], two);
    expect(await Promise.all(asked)).toEqual([[7], [], []]);
    expect(await other).toEqual([8]);
  });

  test('when one asks later, the environments are read again', async () => {
    const proc = shared();
    expect(await proc.withEnvironment([7], one)).toEqual([7]);
    expect(await proc.withEnvironment([7, 8], two)).toEqual([8]);
  });
});
