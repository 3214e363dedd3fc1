import { describe, expect, test } from 'vitest';
import { identityOf } from '../../src/files/pidfile.ts';
import { parseSnapshot, type Snapshot } from '../../src/service/snapshot.ts';

const SNAPSHOT: Snapshot = {
  boot: '6a5b2f1e-0000-4000-8000-000000000000',
  binfile: '/usr/sbin/svc',
  pidfile: '24 1234 1700000000000.5',
  access: { uid: 0, gid: 0, mode: 0o100_644 },
  mains: [{ pid: 42, startTime: 100, exe: '/usr/sbin/svc', file: '24:99' }],
  workers: [
    { pid: 43, startTime: 101, exe: '/usr/sbin/svc' },
    { pid: 44, startTime: 101, exe: undefined },
  ],
  start: { cookie: '0123456789abcdef0123456789abcdef', began: 90, pidfile: '', state: 'confirmed' },
};

const without = (key: keyof Snapshot) => ({ ...SNAPSHOT, [key]: undefined });

/** The last start with what --backoff needs. */
const PAUSED = { ...SNAPSHOT.start, failuresBefore: 1, runfile: '24 1235 1700000000000', pausedAt: 95 };

const TALLY = { starts: 3, failedStarts: 1, forcedRestarts: 1, startedAt: 1_700_000_000_000, took: 60 };

describe('a snapshot', () => {
  test('when it records failures and a pause, it is read as it was written', () => {
    const paused = { ...SNAPSHOT, start: PAUSED };
    expect(parseSnapshot(JSON.stringify(paused))).toEqual(paused);
  });

  test('when it counts starts, it is read as it was written', () => {
    const counted = { ...SNAPSHOT, tally: TALLY };
    expect(parseSnapshot(JSON.stringify(counted))).toEqual(counted);
  });

  test('when it is complete, it is read as it was written', () => {
    expect(parseSnapshot(JSON.stringify(SNAPSHOT))).toEqual(SNAPSHOT);
  });

  test('when sipwd has not started the service, or never seen it healthy, it is read as it was written', () => {
    const bare: Snapshot = { ...SNAPSHOT, access: null, mains: [], workers: [], start: null };
    expect(parseSnapshot(JSON.stringify(bare))).toEqual(bare);
  });

  test('when it is cut off anywhere, it is refused', () => {
    const text = JSON.stringify(SNAPSHOT);
    for (let length = 0; length < text.length; length++) expect(parseSnapshot(text.slice(0, length))).toBeUndefined();
  });

  test.each([
    ['no boot ID', without('boot')],
    ['no binary', without('binfile')],
    ['no pidfile', without('pidfile')],
    ['no access', without('access')],
    ['an access without a mode', { ...SNAPSHOT, access: { uid: 0, gid: 0 } }],
    ['no main processes', without('mains')],
    ['no workers', without('workers')],
    ['no start', without('start')],
    ['a start without a cookie', { ...SNAPSHOT, start: { ...SNAPSHOT.start, cookie: undefined } }],
    ['a start with an empty cookie', { ...SNAPSHOT, start: { ...SNAPSHOT.start, cookie: '' } }],
    ['a cookie of two lines', { ...SNAPSHOT, start: { ...SNAPSHOT.start, cookie: `\n${'a'.repeat(31)}` } }],
    ['a start that holds something nested', { ...SNAPSHOT, start: { ...SNAPSHOT.start, more: [[]] } }],
    ['a worker that holds something nested', { ...SNAPSHOT, workers: [{ pid: 42, startTime: 100, more: [[]] }] }],
    ['a start without a pidfile', { ...SNAPSHOT, start: { ...SNAPSHOT.start, pidfile: undefined } }],
    ['a start that began at no integer', { ...SNAPSHOT, start: { ...SNAPSHOT.start, began: '90' } }],
    ['a start in an unknown state', { ...SNAPSHOT, start: { ...SNAPSHOT.start, state: 'late' } }],
    ['failures that are no count', { ...SNAPSHOT, start: { ...PAUSED, failuresBefore: -1 } }],
    ['failures that are not an integer', { ...SNAPSHOT, start: { ...PAUSED, failuresBefore: 1.5 } }],
    ['a runfile that is not a string', { ...SNAPSHOT, start: { ...PAUSED, runfile: 7 } }],
    ['a pause that began at no integer', { ...SNAPSHOT, start: { ...PAUSED, pausedAt: '95' } }],
    ['a count that is negative', { ...SNAPSHOT, tally: { ...TALLY, starts: -1 } }],
    ['a count that is missing', { ...SNAPSHOT, tally: { ...TALLY, failedStarts: undefined } }],
    ['counts that hold something nested', { ...SNAPSHOT, tally: { ...TALLY, more: [[]] } }],
    ['counts that are null', { ...SNAPSHOT, tally: null }],
    ['a binary that is not a string', { ...SNAPSHOT, mains: [{ pid: 42, startTime: 100, exe: 7 }] }],
    ['a boot ID that is not a string', { ...SNAPSHOT, boot: 7 }],
    ['a PID that is a string', { ...SNAPSHOT, mains: [{ pid: '42', startTime: 100 }] }],
    ['a PID that is not an integer', { ...SNAPSHOT, mains: [{ pid: 42.5, startTime: 100 }] }],
    ['a worker without a start time', { ...SNAPSHOT, workers: [{ pid: 42 }] }],
    ['a worker that is null', { ...SNAPSHOT, workers: [null] }],
    ['main processes that are not a list', { ...SNAPSHOT, mains: { pid: 42, startTime: 100 } }],
  ])('when there is %s, it is refused', (_, value) => {
    expect(parseSnapshot(JSON.stringify(value))).toBeUndefined();
  });

  test('when it is JSON that is nested too deep, it is refused', () => {
    expect(parseSnapshot('['.repeat(1_000_000))).toBeUndefined();
  });
});

describe('the identity of a pidfile', () => {
  const access = { uid: 0, gid: 0, mode: 0o100_644, dev: 24, ino: 1234, mtimeMs: 1_700_000_000_000.5 };
  const identity = (changes: Partial<typeof access> = {}) =>
    identityOf({ path: '/run/svc.pid', pids: [42], access: { ...access, ...changes } });

  test.each([{ dev: 25 }, { ino: 1235 }, { mtimeMs: 1_700_000_000_000.25 }])(
    'when it is another file, or was written since (%o), its identity is another',
    (changes) => {
      expect(identity(changes)).not.toBe(identity());
    },
  );

  test('when only its owner, group or mode was changed, its identity stays the same', () => {
    expect(identity({ uid: 7, gid: 7, mode: 0o100_600 })).toBe(identity());
  });
});
