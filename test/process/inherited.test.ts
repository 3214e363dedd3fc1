import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { inheritance } from '../../src/process/inherited.ts';
import { Procfs } from '../../src/process/procfs.ts';
import { temporaryFolder } from '../support/folder.ts';

const SIGHUP = 1;
const SIGINT = 2;
const SIGQUIT = 3;
const SIGPIPE = 13;
const SIGTERM = 15;
const SIGXFSZ = 25;
const SIGSYS = 31;

const bitmap = (signals: readonly number[]) => signals.reduce((bits, signal) => bits + 2 ** (signal - 1), 0);

interface Signals {
  readonly ignored?: readonly number[];
  readonly blocked?: readonly number[];
}

/** A stat line in which only fields 32 and 33 matter. */
function statLine(pid: number, { ignored = [], blocked = [] }: Signals = {}, comm = 'sipwd'): string {
  return `${pid} (${comm}) R ${'0 '.repeat(28)}${bitmap(blocked)} ${bitmap(ignored)} 0 0 0\n`;
}

const limits = (soft: number, hard: number) =>
  `Max processes  9 9 processes\nMax open files  ${soft}  ${hard}  files\n`;

/** What /proc shows of this process, whose limit the runtime has raised to 20000, and of its parent. */
function proc(own: Signals = {}, parentSoft = 1024, parent: Signals = {}): Procfs {
  return new Procfs(
    temporaryFolder({
      [`${process.pid}/stat`]: statLine(process.pid, own),
      [`${process.pid}/limits`]: limits(20_000, 20_000),
      [`${process.ppid}/stat`]: statLine(process.ppid, parent),
      [`${process.ppid}/limits`]: limits(parentSoft, 1_000_000),
    }),
  );
}

const note = (openFiles: number | string, stat: string) => ({ SIPWD_CALLER: `${openFiles} ${stat.trim()}` });
const nothing = { openFiles: undefined, ignored: [], blocked: [], undecoded: [] };

describe('with the note of the entry', () => {
  test('when the limit has changed since, it must be restored', () => {
    expect(inheritance(note(1024, statLine(process.pid)), proc())).toEqual({ ...nothing, openFiles: '1024' });
  });

  test('when the limit is unchanged, nothing must be restored', () => {
    expect(inheritance(note(20_000, statLine(process.pid)), proc())).toEqual(nothing);
  });

  test('when the caller ignored or blocked signals, they are found, including the highest', () => {
    const caller = { ignored: [SIGHUP, SIGPIPE, SIGXFSZ], blocked: [SIGINT, SIGSYS] };
    expect(inheritance(note(20_000, statLine(process.pid, caller)), proc())).toEqual({ ...nothing, ...caller });
  });

  test('when a real process ignored four signals and blocked two, exactly these are found', () => {
    const recorded = readFileSync('test/fixtures/proc/linux-6.18/19800/stat', 'latin1');
    const stat = recorded.replace(/^\d+/, String(process.pid));
    const caller = { ignored: [SIGHUP, SIGINT, SIGQUIT, SIGXFSZ], blocked: [SIGINT, SIGSYS] };
    expect(inheritance(note(20_000, stat), proc())).toEqual({ ...nothing, ...caller });
  });

  test('when the name of the program looks like fields, the signals after it are found', () => {
    const stat = statLine(process.pid, { ignored: [SIGTERM] }, 'a) R 1 (b');
    expect(inheritance(note(20_000, stat), proc()).ignored).toEqual([SIGTERM]);
  });

  test('when it was read, it is removed from the environment of the command', () => {
    const environment = { ...note(1024, statLine(process.pid)), PATH: '/bin' };
    inheritance(environment, proc());
    expect(environment).toEqual({ PATH: '/bin' });
  });

  test('when it is about another process, because another sipwd called this one, it does not count', () => {
    const stale = note(77, statLine(process.pid * 10, { ignored: [SIGTERM], blocked: [SIGINT] }));
    expect(inheritance(stale, proc())).toEqual({ ...nothing, openFiles: '1024' });
    expect(stale).toEqual({});
  });
});

describe('without a note', () => {
  test('when the parent has another limit, that must be restored', () => {
    expect(inheritance({}, proc())).toEqual({ ...nothing, openFiles: '1024' });
  });

  test('when the limit of the parent is above the hard limit, the hard limit counts', () => {
    expect(inheritance({}, proc({}, 500_000))).toEqual(nothing);
  });

  test('when this process ignores signals, those that the runtime ignores do not count', () => {
    const own = { ignored: [SIGHUP, SIGPIPE, SIGXFSZ], blocked: [SIGINT] };
    expect(inheritance({}, proc(own))).toMatchObject({ ignored: [SIGHUP], blocked: [SIGINT] });
  });

  test('when the parent ignores SIGPIPE, so did the caller; when it also ignores SIGXFSZ, it is a runtime itself', () => {
    const own = { ignored: [SIGPIPE, SIGXFSZ] };
    const seen = (...ignored: number[]) => inheritance({}, proc(own, 1024, { ignored })).ignored;
    expect(seen(SIGPIPE)).toEqual([SIGPIPE]);
    expect(seen(SIGPIPE, SIGXFSZ)).toEqual([]);
    expect(seen(SIGHUP)).toEqual([]);
  });

  test('when /proc cannot be read, nothing must be restored', () => {
    expect(inheritance({}, new Procfs(temporaryFolder()))).toEqual(nothing);
  });
});

describe('variables that are not UTF-8', () => {
  const values = { SUBJECT: '\uFFFDber', PLAIN: 'x', 'NO-NAME': '\uFFFD', MEANT: '\uFFFD' };
  const block = Buffer.concat([
    Buffer.from('PLAIN=x\0SUBJECT=\xfcber=\n\0NO-NAME=\xfc\0', 'latin1'),
    Buffer.from('MEANT=\uFFFD\0'),
  ]);

  test('when the runtime could not decode a value, its bytes are found, if its name is one that a shell exports', () => {
    const root = temporaryFolder({ [`${process.pid}/environ`]: block });
    expect(inheritance({ ...values }, new Procfs(root)).undecoded).toEqual([
      { name: 'SUBJECT', bytes: '\u00fcber=\n' },
      { name: 'MEANT', bytes: '\u00ef\u00bf\u00bd' },
    ]);
  });

  test('when /proc cannot be read, the variables stay unchanged', () => {
    expect(inheritance({ ...values }, new Procfs(temporaryFolder())).undecoded).toEqual([]);
  });
});
