import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { hasExited, isExiting, isKernelThread, isThreadId, parseStat } from '../../src/process/stat.ts';

/** Recorded from real processes on Linux 6.18. */
function recorded(task: number | string): string {
  return readFileSync(`test/fixtures/proc/linux-6.18/${task}/stat`, 'latin1');
}

function parsed(task: number | string) {
  const stat = parseStat(recorded(task));
  if (stat === undefined) throw new Error(`the recorded stat of ${task} is refused`);
  return stat;
}

const PLAIN = 15778;
const ZOMBIE = 15779;
const FIRST_THREAD_EXITED = 15780;
const THREAD = '15780/task/15781';
const KTHREADD = 2;

describe('the fields', () => {
  test('when the name is plain, each field has its number in proc_pid_stat(5)', () => {
    expect(parsed(PLAIN)).toEqual({
      comm: 'plain',
      state: 'S',
      parent: 15_773,
      session: 6551,
      flags: 0x400000,
      threads: 1,
      startTime: 272_990,
      exitSignal: 17,
    });
  });

  test.each([
    ['a blank', 15775, 'two words', 272_900],
    ['a parenthesis, and fields that look like another state', 15774, 'a) R 1 (b', 272_870],
    ['a parenthesis at its very start', 15777, ') Z 1 2 3', 272_960],
    ['a line feed', 15776, 'line\nfeed', 272_930],
  ])('when the name contains %s, it is read completely, and so are the fields after it', (_, pid, comm, startTime) => {
    expect(parsed(pid)).toMatchObject({ comm, state: 'S', startTime, exitSignal: 17 });
  });

  test('when the name is not ASCII, each of its bytes is one character', () => {
    const text = recorded(PLAIN).replace('plain', Buffer.from('ü').toString('latin1'));
    expect(parseStat(text)?.comm).toBe('\u00c3\u00bc');
  });
});

describe('a text that is not a stat line', () => {
  test.each([
    ['empty', ''],
    ['cut off in the name', recorded(PLAIN).slice(0, 9)],
    ['cut off after the name', recorded(PLAIN).slice(0, 14)],
    ['cut off before the start time', recorded(PLAIN).split(' ').slice(0, 21).join(' ')],
    ['cut off before the exit signal', recorded(PLAIN).split(' ').slice(0, 37).join(' ')],
    ['cut off at the end of the name', recorded(PLAIN).slice(0, 13)],
    ['one without the first parenthesis', recorded(PLAIN).replace('(', '')],
    ['one whose first parenthesis is the last character', `${recorded(PLAIN).replace('(', '').trim()}(`],
    ['one with a state of two letters', recorded(PLAIN).replace(' S ', ' SS ')],
    ['one with reversed parentheses', '1 )x( S 1 2 3'],
    ['without a state', recorded(PLAIN).replace(' S ', ' ')],
    ['one with a word right after the name', recorded(PLAIN).replace(') ', ')x ')],
    ['one with a hexadecimal start time', recorded(PLAIN).replace('272990', '0x42a5e')],
    ['one with a start time that is no integer', recorded(PLAIN).replace('272990', '27299.5')],
    ['one with no blank after the name', recorded(PLAIN).replace(') ', ')_')],
    ['one with a word after the start time', recorded(PLAIN).replace('272990', '272990s')],
    ['one with a start time that no number holds exactly', recorded(PLAIN).replace('272990', '9007199254740993')],
    ['one with a word as the start time', recorded(PLAIN).replace('272990', 'never')],
  ])('when it is %s, it is refused', (_, text) => {
    expect(parseStat(text)).toBeUndefined();
  });

  test('when it ends after the exit signal, nothing is missing', () => {
    expect(parseStat(recorded(PLAIN).split(' ').slice(0, 38).join(' '))).toEqual(parsed(PLAIN));
  });
});

describe('the state of a process', () => {
  test('when a process sleeps, it has not exited, and is neither a kernel thread nor a thread', () => {
    const stat = parsed(PLAIN);
    expect([hasExited(stat), isExiting(stat), isKernelThread(stat), isThreadId(stat)]).toEqual(Array(4).fill(false));
  });

  test('when it is a zombie, it has exited', () => {
    expect(hasExited(parsed(ZOMBIE))).toBe(true);
    expect(isExiting(parsed(ZOMBIE))).toBe(true);
  });

  test.each(['X', 'x'])('when its state is %s, it has exited', (state) => {
    expect(hasExited({ ...parsed(PLAIN), state })).toBe(true);
  });

  test('when its first thread has exited and another runs, it is in state Z and has not exited', () => {
    expect(parsed(FIRST_THREAD_EXITED)).toMatchObject({ state: 'Z', threads: 2 });
    expect(hasExited(parsed(FIRST_THREAD_EXITED))).toBe(false);
  });

  test('when it is a thread other than the first, it is a thread ID', () => {
    expect(isThreadId(parsed(THREAD))).toBe(true);
    expect(isThreadId(parsed('15780/task/15780'))).toBe(false);
  });

  test('when it is kthreadd, it is a kernel thread', () => {
    expect(parsed(KTHREADD).comm).toBe('kthreadd');
    expect(isKernelThread(parsed(KTHREADD))).toBe(true);
    expect(isThreadId(parsed(KTHREADD))).toBe(false);
  });
});
