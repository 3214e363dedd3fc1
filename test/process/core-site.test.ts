import { readlinkSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { corePlace, coreSiteOf } from '../../src/process/core-site.ts';
import { Procfs } from '../../src/process/procfs.ts';
import { canHaveCoreFiles, withCoreFiles } from '../support/core.ts';

const DUMPING = { pid: 7, comm: 'svc/1', exe: '/usr/sbin/svc' };
const place = (pattern: string, hasPid = false) => corePlace(pattern, hasPid, DUMPING);

describe('the place of a core', () => {
  test.each([
    ['core', '', 'core'],
    ['core.%p', '', 'core.7'],
    ['/var/crash/core.%e.%p.%t', '/var/crash/', 'core.svc!1.7.*'],
    ['cores/%f-%E', 'cores/', 'svc-!usr!sbin!svc'],
    ['/c/%%%h%s%u%P', '/c/', '%****'],
    ['/c/%e/core', '/c/svc!1/', 'core'],
    ['/c/%qcore%', '/c/', 'core'],
    ['/c/a*b?[c]\\', '/c/', 'a\\*b\\?\\[c\\]\\\\'],
  ])('when core_pattern is %s, it is %s and %s', (pattern, directory, name) => {
    expect(place(pattern)).toEqual({ directory, name });
  });

  test('when the kernel appends the PID, it does so to a name without one', () => {
    expect(place('core', true)).toEqual({ directory: '', name: 'core.7' });
    expect(place('', true)).toEqual({ directory: '', name: '.7' });
    expect(place('%p.core', true)).toEqual({ directory: '', name: '7.core' });
  });

  test('when the directory depends on the time, or the name is empty, there is none', () => {
    expect(place('/c/%t/core')).toBeUndefined();
    expect(place('/c/')).toBeUndefined();
    expect(place('')).toBeUndefined();
  });
});

describe('the place of the core of a process', () => {
  test.skipIf(!canHaveCoreFiles)('when it has a working directory, it is there, or where core_pattern says', () =>
    withCoreFiles(async () => {
      const site = coreSiteOf(process.pid, new Procfs());
      expect(site).toMatchObject({ uid: process.getuid?.() });
      expect(site?.directory.startsWith(readlinkSync('/proc/self/cwd')) || site?.directory.startsWith('/')).toBe(true);
    }),
  );

  test('when the process has exited, there is none', () => {
    expect(coreSiteOf(4_194_303, new Procfs())).toBeUndefined();
  });
});
