import { linkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Binary } from '../../src/files/binary.ts';
import { because, evidence } from '../../src/log/reasons.ts';
import { carefulVerdictOn, fullVerdictOn, quickVerdictOn } from '../../src/process/match.ts';
import { Procfs } from '../../src/process/procfs.ts';
import { exeOf, programOf } from '../../src/process/program.ts';
import type { Witness } from '../../src/process/verdict.ts';
import { type Tree, temporaryFolder } from '../support/folder.ts';

/** No process has it: it is the highest PID, and the kernel gives only lower ones. */
const PID = 4_194_304;
const EXITING = 0x4;
const KERNEL_THREAD = 0x200000;

/** The stat of a process that began at 100. */
function statOf({ comm = 'other', state = 'S', flags = 0, exitSignal = 17 } = {}): string {
  const [before, between] = ['0 -1', `${'0 '.repeat(10)}1 0`];
  return `${PID} (${comm}) ${state} 1 7 7 ${before} ${flags} ${between} 100 ${'0 '.repeat(15)}${exitSignal} 0`;
}

const RUNS_OTHER: Tree = { exe: { to: '/opt/other' } };
const RUNS_SVC: Tree = { exe: { to: '/usr/sbin/svc' } };
/** A file in place of the link, which fails as the link of another user's process does: with an errno. */
const NOT_READABLE: Tree = { exe: '' };
/** A directory in place of the file. */
const NO_CMDLINE: Tree = { 'cmdline/x': '' };

/** A /proc with one process. */
function procOf(files: Tree, stat = statOf()): Procfs {
  const entries = Object.entries({ stat, ...files }).map(([name, entry]) => [`${PID}/${name}`, entry] as const);
  return new Procfs(temporaryFolder(Object.fromEntries(entries)));
}

const svc = new Binary('/sbin/svc', undefined);
const witness = (changes: Partial<Witness> = {}): Witness => ({
  pid: PID,
  startTime: 100,
  exe: '/opt/other',
  ...changes,
});

const unknown = (why: string, isExiting = false, startTime: number | undefined = 100) => ({
  kind: 'unknown',
  pid: PID,
  startTime,
  why,
  isExiting,
});
const running = (exe: string | undefined, proof: string) => ({
  kind: 'running',
  pid: PID,
  startTime: 100,
  exe,
  threads: 1,
  evidence: proof,
});
const gone = (cause: string, why: string) => ({ kind: 'gone', pid: PID, cause, why });
const OTHER = gone('other program', because.otherBinary('/opt/other', '/sbin/svc'));

describe('a PID that is no process of a program', () => {
  test('when it is that of sipwd, it is another program, whatever the binary', () => {
    const verdict = quickVerdictOn(process.pid, new Binary(process.execPath, undefined), new Procfs());
    expect(verdict).toEqual({ ...gone('other program', because.itself()), pid: process.pid });
  });

  test('when nothing has it, it is gone', () => {
    expect(quickVerdictOn(PID, svc, new Procfs(temporaryFolder()))).toEqual(gone('no process', because.absent()));
  });

  test('when /proc hides it, it is unknown', () => {
    const hidden = { ...unknown(because.hidden()), pid: 1, startTime: undefined };
    expect(quickVerdictOn(1, svc, new Procfs(temporaryFolder()))).toEqual(hidden);
  });

  test('when its stat cannot be read, it is unknown', () => {
    const why = because.statNotReadable(PID, 'not a stat line');
    expect(quickVerdictOn(PID, svc, procOf(RUNS_SVC, 'x'))).toEqual({ ...unknown(why), startTime: undefined });
  });

  test.each([
    ['a zombie', { state: 'Z' }, 'zombie', because.zombie()],
    ['a kernel thread', { flags: KERNEL_THREAD }, 'other program', because.kernelThread()],
    ['a thread', { exitSignal: -1 }, 'other program', because.threadId()],
  ])('when it is %s, it is gone', (_, stat, cause, why) => {
    expect(quickVerdictOn(PID, svc, procOf(RUNS_SVC, statOf(stat)))).toEqual(gone(cause, why));
  });

  test('when it has no binary, it is unknown, and will soon be something else', () => {
    expect(quickVerdictOn(PID, svc, procOf({}))).toEqual(unknown(because.noBinary(), true));
  });

  test('when it has none because it is exiting, the reason says so', () => {
    const proc = procOf({}, statOf({ flags: EXITING }));
    expect(quickVerdictOn(PID, svc, proc)).toEqual(unknown(because.exiting(), true));
  });
});

describe('a process with a binary', () => {
  test('when the binary has the name, it runs', () => {
    expect(quickVerdictOn(PID, svc, procOf(RUNS_SVC))).toEqual(running('/usr/sbin/svc', evidence.exe('/usr/sbin/svc')));
  });

  test('when that was deleted, it runs, and the path is the one before', () => {
    const exe = '/usr/sbin/svc (deleted)';
    const proc = procOf({ exe: { to: exe } });
    expect(quickVerdictOn(PID, svc, proc)).toEqual(running('/usr/sbin/svc', evidence.exe(exe)));
    expect(exeOf(PID, proc)).toBe('/usr/sbin/svc');
  });

  test('when the name of the binary ends as if it was deleted, it has that name', () => {
    const exe = join(temporaryFolder({ 'svc (deleted)': '' }), 'svc (deleted)');
    const proc = procOf({ exe: { to: exe } });
    expect(quickVerdictOn(PID, svc, proc)).toMatchObject({ kind: 'gone' });
    expect(quickVerdictOn(PID, new Binary('/sbin/svc (deleted)', undefined), proc)).toMatchObject({ exe });
    expect(exeOf(PID, proc)).toBe(exe);
  });

  test('when its first thread has exited, the binary of another thread counts', () => {
    const proc = procOf({ [`task/${PID}/stat`]: '', 'task/8/exe': { to: '/usr/sbin/svc' } });
    expect(quickVerdictOn(PID, svc, proc)).toEqual(running('/usr/sbin/svc', evidence.exe('/usr/sbin/svc')));
  });

  test('when the binfile resolves to the binary, it runs', () => {
    const folder = temporaryFolder({ 'svc-2': '', svc: { to: 'svc-2' } });
    const [binfile, exe] = [join(folder, 'svc'), join(folder, 'svc-2')];
    const verdict = quickVerdictOn(PID, new Binary(binfile, undefined), procOf({ exe: { to: exe } }));
    expect(verdict).toEqual(running(exe, evidence.resolved(exe, binfile)));
  });

  test('when the binary is the file of the binfile, by another name, it runs', () => {
    const folder = temporaryFolder({ svc: '' });
    const [binfile, exe] = [join(folder, 'svc'), join(folder, 'other')];
    linkSync(binfile, exe);
    const verdict = quickVerdictOn(PID, new Binary(binfile, undefined), procOf({ exe: { to: exe } }));
    expect(verdict).toEqual(running(exe, evidence.resolved(exe, binfile)));
  });

  test('when it cannot be determined to what the binfile resolves, it is unknown', () => {
    const binfile = `/${'x'.repeat(300)}`;
    const verdict = quickVerdictOn(PID, new Binary(binfile, undefined), procOf(RUNS_OTHER));
    const why = because.binfileNotReadable('/opt/other', binfile, 'name too long (ENAMETOOLONG)');
    expect(verdict).toEqual(unknown(why));
  });

  test('when nothing matches, it runs another program', () => {
    expect(quickVerdictOn(PID, svc, procOf(RUNS_OTHER))).toEqual(OTHER);
  });
});

describe('a process that was checked before', () => {
  const verdict = (changes: Partial<Witness>, files = RUNS_OTHER) =>
    quickVerdictOn(PID, svc, procOf(files), witness(changes));

  test('when it runs the same program, by path, it still matches', () => {
    expect(verdict({})).toEqual(running('/opt/other', evidence.snapshot('/opt/other')));
  });

  test('when it runs the same file by another path, it still matches', () => {
    const exe = join(temporaryFolder({ moved: '' }), 'moved');
    const file = programOf(String(PID), procOf({ exe: { to: exe } }));
    expect(file).toMatch(/^\d+:\d+$/);
    expect(verdict({ exe: '/old', file }, { exe: { to: exe } })).toEqual(running(exe, evidence.snapshot(exe)));
    expect(verdict({ exe: '/old', file: `${file}1` }, { exe: { to: exe } })).toMatchObject({ kind: 'gone' });
  });

  test('when its file may not be examined, only its path counts', () => {
    const exe = join(temporaryFolder({ moved: '' }), 'moved');
    const proc = procOf({ exe: { to: exe } });
    const file = programOf(String(PID), proc);
    const verdictOf = (before: string) =>
      quickVerdictOn(PID, svc, proc, witness({ exe: before, file }), (path) => path !== exe);
    expect(verdictOf('/old')).toMatchObject({ kind: 'gone' });
    expect(verdictOf(exe)).toEqual(running(exe, evidence.snapshot(exe)));
    const linked = new Binary(exe.replace('moved', 'link'), undefined);
    linkSync(exe, linked.binfile);
    expect(quickVerdictOn(PID, linked, proc)).toMatchObject({ kind: 'running' });
    expect(quickVerdictOn(PID, linked, proc, undefined, (path) => path !== exe)).toMatchObject({ kind: 'gone' });
  });

  test('when neither file can be read, they are not the same', () => {
    expect(programOf(String(PID), procOf(RUNS_OTHER))).toBeUndefined();
    expect(verdict({ exe: '/old', file: undefined })).toEqual(OTHER);
  });

  test('when it began at another time, it is another process', () => {
    expect(verdict({ startTime: 99 })).toEqual(OTHER);
  });

  test('when its binary can no longer be read, it still matches, with the program that it ran', () => {
    expect(verdict({}, NOT_READABLE)).toEqual(running('/opt/other', evidence.snapshot(undefined)));
  });
});

describe('a process whose binary cannot be read', () => {
  test('when its comm is the name, it runs', () => {
    const proc = procOf(NOT_READABLE, statOf({ comm: 'svc' }));
    expect(quickVerdictOn(PID, svc, proc)).toEqual(running(undefined, evidence.comm('svc')));
    expect(exeOf(PID, proc)).toBeUndefined();
  });

  test('when its comm is another one, it is unknown', () => {
    const why = because.exeNotReadable('other', PID, 'EINVAL');
    expect(quickVerdictOn(PID, svc, procOf(NOT_READABLE))).toEqual(unknown(why));
  });

  test('when argv[0] has the name, it runs', async () => {
    const proc = procOf({ ...NOT_READABLE, cmdline: '/opt/svc\0-x\0' });
    expect(await fullVerdictOn(PID, svc, proc)).toEqual(running(undefined, evidence.argv0('/opt/svc')));
  });
});

describe('argv[0]', () => {
  test('when it has the name, the process runs', async () => {
    const proc = procOf({ ...RUNS_OTHER, cmdline: 'svc\0' });
    expect(await fullVerdictOn(PID, svc, proc)).toEqual(running('/opt/other', evidence.argv0('svc')));
    expect(quickVerdictOn(PID, svc, proc)).toEqual(OTHER);
  });

  test('when it has another name, the process runs another program', async () => {
    expect(await fullVerdictOn(PID, svc, procOf({ ...RUNS_OTHER, cmdline: 'svc2\0svc\0' }))).toEqual(OTHER);
  });

  test('when it cannot be read, the process is unknown: it may have been the match', async () => {
    const why = because.cmdlineNotReadable('/opt/other', String(PID), 'EIO');
    const proc = procOf({ ...RUNS_OTHER, ...NO_CMDLINE });
    expect(await fullVerdictOn(PID, svc, proc)).toEqual(unknown(why));
  });

  test('when the binary matches, it is not read', async () => {
    const proc = procOf({ ...RUNS_SVC, ...NO_CMDLINE });
    expect(await fullVerdictOn(PID, svc, proc)).toMatchObject({ kind: 'running' });
  });
});

describe('a process that only may belong to the service', () => {
  /** It runs a hard link to the binfile, from a file system that answers or does not. */
  function linked(isAnswering: boolean, cmdline: string) {
    const folder = temporaryFolder({ 'sbin/svc': '', 'mnt/x': '' });
    const [binfile, exe] = [join(folder, 'sbin/svc'), join(folder, 'mnt/other')];
    linkSync(binfile, exe);
    const proc = procOf({ exe: { to: exe }, cmdline });
    proc.isAnswering = async () => isAnswering;
    return { exe, binfile, verdict: carefulVerdictOn(PID, new Binary(binfile, undefined), proc) };
  }

  test('when the file system of its binary answers, the file counts', async () => {
    const { exe, binfile, verdict } = linked(true, 'other\0');
    expect(await verdict).toEqual(running(exe, evidence.resolved(exe, binfile)));
  });

  test('when that does not answer, it is unknown, unless argv[0] matches', async () => {
    const other = linked(false, 'other\0');
    expect(await other.verdict).toEqual(unknown(because.notAnswering(other.exe)));
    const titled = linked(false, 'svc\0');
    expect(await titled.verdict).toEqual(running(titled.exe, evidence.argv0('svc')));
  });

  test('when its binary has the name, or its path is the recorded one, the file system is not asked', async () => {
    const [named, recorded] = [procOf(RUNS_SVC), procOf(RUNS_OTHER)];
    for (const proc of [named, recorded]) proc.isAnswering = () => Promise.reject(new Error('asked'));
    expect(await carefulVerdictOn(PID, svc, named)).toMatchObject({ kind: 'running' });
    expect(await carefulVerdictOn(PID, svc, recorded, witness())).toMatchObject({ kind: 'running' });
  });

  test('when its binary cannot be read, argv[0] counts', async () => {
    const proc = procOf({ ...NOT_READABLE, cmdline: 'svc\0' });
    expect(await carefulVerdictOn(PID, svc, proc)).toEqual(running(undefined, evidence.argv0('svc')));
  });
});
