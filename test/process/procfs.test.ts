import { execFileSync } from 'node:child_process';
import { closeSync, constants, openSync, readFileSync, renameSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Procfs } from '../../src/process/procfs.ts';
import { busyboxPath, hasBusybox } from '../support/busybox.ts';
import { temporaryFolder } from '../support/folder.ts';
import { endProcesses, NO_PID } from '../support/process.ts';
import { refusedAt } from '../support/rights.ts';

/** Recorded from real processes on Linux 6.18. */
const RECORDED = resolve('test/fixtures/proc/linux-6.18');
const recorded = new Procfs(RECORDED);

const PLAIN = 15778;
const DUMPING_CORE = 15782;

afterEach(endProcesses);

describe('the file system', () => {
  test('when it is /proc, it is procfs', () => {
    expect(new Procfs().isMounted()).toBe(true);
  });

  test('when it is another directory, or absent, it is not procfs', () => {
    expect(recorded.isMounted()).toBe(false);
    expect(new Procfs(join(RECORDED, 'absent')).isMounted()).toBe(false);
  });
});

describe('stat', () => {
  test('when the process exists, its fields are read', () => {
    expect(recorded.stat(PLAIN)).toMatchObject({ kind: 'read', value: { comm: 'plain', startTime: 272_990 } });
  });

  test('when there is no such process, it is absent', () => {
    expect(recorded.stat(NO_PID)).toEqual({ kind: 'absent' });
    expect(recorded.statLine(NO_PID)).toEqual({ kind: 'absent' });
  });

  test('when the content is truncated, it is refused, not absent', () => {
    const root = temporaryFolder({ '7/stat': readFileSync(`${RECORDED}/${PLAIN}/stat`).subarray(0, 40) });
    expect(new Procfs(root).stat(7)).toEqual({ kind: 'refused', errno: 'not a stat line' });
  });

  test('when the caller may not read it, it is refused with the errno', () => {
    const root = temporaryFolder({ '7/stat': '7 (x) S' });
    const read = () => new Procfs(root).stat(7);
    expect(refusedAt(join(root, '7'), read)).toEqual({ kind: 'refused', errno: 'EACCES' });
  });
});

describe('exe', () => {
  test('when it can be read, it is the path that the kernel gives', () => {
    const proc = new Procfs(temporaryFolder({ '7/exe': { to: '/usr/sbin/svc (deleted)' } }));
    expect(proc.exe('7')).toEqual({ kind: 'read', value: '/usr/sbin/svc (deleted)' });
  });

  test('when the process has none, as a kernel thread or a zombie, it is absent', () => {
    expect(recorded.exe('2')).toEqual({ kind: 'absent' });
  });

  test('when the caller may not read it, it is refused with the errno', () => {
    const root = temporaryFolder({ '7/exe': { to: '/usr/sbin/svc' } });
    const read = () => new Procfs(root).exe('7');
    expect(refusedAt(join(root, '7'), read)).toEqual({ kind: 'refused', errno: 'EACCES' });
  });

  test('when its file is read, that is the running binary, not the link', () => {
    const own = new Procfs().exeFile(String(process.pid));
    expect(own).toMatchObject({ kind: 'read' });
    expect(own.kind === 'read' && own.value.isFile()).toBe(true);
  });
});

describe('the file system of a binary', () => {
  test('when it answers, or there is no such process, it answers', async () => {
    const proc = new Procfs();
    expect(await proc.isAnswering(String(process.pid), process.execPath)).toBe(true);
    expect(await proc.isAnswering(String(NO_PID), '/opt/svc')).toBe(true);
  });
});

describe('argv[0]', () => {
  const argv0 = (cmdline: string | Uint8Array) => new Procfs(temporaryFolder({ '7/cmdline': cmdline })).argv0('7');

  test('when there are arguments, it is the first', async () => {
    expect(await recorded.argv0(String(PLAIN))).toEqual({ kind: 'read', value: '/opt/rec/bin/plain' });
  });

  test('when it contains a line feed, it is read completely', async () => {
    expect(await recorded.argv0('15776')).toEqual({ kind: 'read', value: '/opt/rec/bin/line\nfeed' });
  });

  test('when the process is a zombie, it is empty', async () => {
    expect(await recorded.argv0('15779')).toEqual({ kind: 'read', value: '' });
  });

  test('when a process title without a NUL replaces it, it is the whole title', async () => {
    expect(await argv0('svc: worker 3')).toEqual({ kind: 'read', value: 'svc: worker 3' });
  });

  test('when it is UTF-8, it is decoded, as the arguments of sipwd are', async () => {
    expect(await argv0(Buffer.from('/opt/größe\0-d\0'))).toEqual({ kind: 'read', value: '/opt/größe' });
  });

  test('when the arguments are longer than the buffer, the first is complete', async () => {
    expect(await argv0(`/opt/svc\0${'x'.repeat(100_000)}`)).toEqual({ kind: 'read', value: '/opt/svc' });
  });

  test('when it cannot be read although the process exists, it is refused', async () => {
    const root = temporaryFolder({ '7/cmdline/x': '', '7/exe': { to: '/usr/sbin/svc' } });
    expect(await new Procfs(root).argv0('7')).toEqual({ kind: 'refused', errno: 'EIO' });
  });

  test('when the read blocks, it is given up after two seconds', async () => {
    const root = temporaryFolder({ '7/stat': '' });
    execFileSync('mkfifo', [join(root, '7/cmdline')]);
    expect(await new Procfs(root).argv0('7')).toEqual({ kind: 'refused', errno: 'ETIMEDOUT' });
  });

  test('when there is no such process, it is absent', async () => {
    expect(await recorded.argv0(String(NO_PID))).toEqual({ kind: 'absent' });
  });
});

const PROGRAMS = hasBusybox ? ['this machine', 'busybox'] : ['this machine'];

describe.each(PROGRAMS)('the environment of several processes, with the programs of %s', (whose) => {
  beforeEach(() => {
    if (whose === 'busybox') vi.stubEnv('PATH', busyboxPath());
  });

  const COOKIE = 'SIPWD_COOKIE=a.c';
  const root = () =>
    temporaryFolder({ '7/environ': `A=1\0${COOKIE}\0`, '8/environ': 'SIPWD_COOKIE=abc\0', '9/environ': '' });

  test('when it has the text, the process is found; a text that a pattern would match does not count', async () => {
    expect(await new Procfs(root()).withEnvironment([7, 8, 9], COOKIE)).toEqual([7]);
  });

  test('when a process no longer exists, or there are none, the others are found', async () => {
    expect(await new Procfs(root()).withEnvironment([6, 7], COOKIE)).toEqual([7]);
    expect(await new Procfs(root()).withEnvironment([], COOKIE)).toEqual([]);
  });

  test('when there are more processes than one command line can name, each is found', async () => {
    const folder = root();
    const absent = Array.from({ length: 100_000 }, (_, index) => 1_000_000 + index);
    expect(await new Procfs(folder).withEnvironment([...absent, 7, 8], COOKIE)).toEqual([7]);
  });

  test('when the environment of one cannot be read in two seconds, the others are found', async () => {
    const folder = root();
    execFileSync('mkfifo', [join(folder, '9/more')]);
    renameSync(join(folder, '9/more'), join(folder, '9/environ'));
    // It has a writer, that writes nothing.
    const writer = openSync(join(folder, '9/environ'), constants.O_RDWR);
    expect(await new Procfs(folder).withEnvironment([9, 7, 8], COOKIE)).toEqual([7]);
    closeSync(writer);
  });
});

describe('all processes', () => {
  test('when /proc is scanned, zombies and what is no process are left out', () => {
    const pids = recorded.processes().map(({ pid }) => pid);
    expect(pids.sort((one, other) => one - other)).toEqual([2, 15774, 15775, 15776, 15777, 15778, 15780, 15782, 19800]);
    expect(recorded.processes()).toContainEqual(
      expect.objectContaining({ pid: PLAIN, comm: 'plain', parent: 15_773, session: 6551, startTime: 272_990 }),
    );
    expect(new Procfs(temporaryFolder({ 'self/stat': '', '7/status': '' })).processes()).toEqual([]);
  });
});

describe('the children', () => {
  const root = () =>
    temporaryFolder({ '7/task/7/children': '8 ', '7/task/12/children': '9 10 ', '7/task/13/children': '' });

  test('when threads have forked, the children of all of them are found', () => {
    expect(new Procfs(root()).children(7).toSorted()).toEqual([10, 8, 9]);
    expect(new Procfs(root()).children(7, 3).toSorted()).toEqual([10, 8, 9]);
  });

  test('when there is one thread, only its own file is read', () => {
    expect(new Procfs(root()).children(7, 1)).toEqual([8]);
  });

  test('when there is no such process, or no such file, there are none', () => {
    expect(new Procfs(root()).children(6)).toEqual([]);
    expect(recorded.children(PLAIN, 1)).toEqual([]);
  });
});

describe('the threads', () => {
  test('when the first has exited, one that still runs is found', () => {
    const root = temporaryFolder({ '7/task/7/stat': '', '7/task/8/stat': '', '7/task/9/exe': { to: '/usr/sbin/svc' } });
    expect(new Procfs(root).liveThread(7)).toBe('7/task/9');
  });

  test('when none runs, or there is no such process, none is found', () => {
    expect(recorded.liveThread(15780)).toBeUndefined();
    expect(recorded.liveThread(NO_PID)).toBeUndefined();
  });
});

describe('the core dump and the limits', () => {
  test('when the kernel writes the core of a process, it is dumping core', () => {
    expect(recorded.isDumpingCore(DUMPING_CORE)).toBe(true);
  });

  test('when it writes none, or there is no such process, it is not dumping core', () => {
    expect(recorded.isDumpingCore(PLAIN)).toBe(false);
    expect(recorded.isDumpingCore(NO_PID)).toBe(false);
  });

  test('when the name of a process looks like that line, it does not count', () => {
    const proc = new Procfs(temporaryFolder({ '7/status': 'Name:\tCoreDumping:\t1\nCoreDumping:\t0\n' }));
    expect(proc.isDumpingCore(7)).toBe(false);
  });

  test('when the limits can be read, the soft and the hard limit on open files are found', () => {
    expect(recorded.openFiles(PLAIN)).toEqual({ soft: '1024', hard: '4096' });
  });

  test('when there is no such process, there are no limits', () => {
    expect(recorded.openFiles(NO_PID)).toBeUndefined();
  });
});
