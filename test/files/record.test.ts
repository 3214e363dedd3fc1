import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { identityOf, parseSighting, type Sighting } from '../../src/files/record.ts';

const SIGHTING: Sighting = {
  boot: '6a5b2f1e-0000-4000-8000-000000000000',
  pidfile: '24 1234 1700000000000.5',
  access: { uid: 0, gid: 0, mode: 0o100_644 },
  processes: [{ pid: 42, startTime: 100 }],
  descendants: [
    { pid: 43, startTime: 101 },
    { pid: 44, startTime: 101 },
  ],
};

const MANY: Sighting = { ...SIGHTING, descendants: [], glance: { at: 1_700_000_000_000, handles: '8 1.5\n' } };

const without = (key: keyof Sighting) => ({ ...SIGHTING, [key]: undefined });

describe('what was seen', () => {
  test('when it is whole, it is read as it was written', () => {
    expect(parseSighting(JSON.stringify(SIGHTING))).toEqual(SIGHTING);
    expect(parseSighting(JSON.stringify(MANY))).toEqual(MANY);
  });

  test('when it is cut anywhere, it is refused', () => {
    const text = JSON.stringify(MANY);
    for (let length = 0; length < text.length; length++) expect(parseSighting(text.slice(0, length))).toBeUndefined();
  });

  test.each([
    ['no boot', without('boot')],
    ['no pidfile', without('pidfile')],
    ['no access', without('access')],
    ['an access without a mode', { ...SIGHTING, access: { uid: 0, gid: 0 } }],
    ['no processes', without('processes')],
    ['no descendants', without('descendants')],
    ['a boot that is no text', { ...SIGHTING, boot: 7 }],
    ['a PID that is a text', { ...SIGHTING, processes: [{ pid: '42', startTime: 100 }] }],
    ['a PID that is no whole number', { ...SIGHTING, processes: [{ pid: 42.5, startTime: 100 }] }],
    ['a process without a start time', { ...SIGHTING, descendants: [{ pid: 42 }] }],
    ['a process that is null', { ...SIGHTING, descendants: [null] }],
    ['a glance without a time', { ...SIGHTING, glance: { handles: '' } }],
    ['a glance without handles', { ...SIGHTING, glance: { at: 1 } }],
    ['a glance that is null', { ...SIGHTING, glance: null }],
    ['processes that are no list', { ...SIGHTING, processes: { pid: 42, startTime: 100 } }],
  ])('when there is %s, it is refused', (_, value) => {
    expect(parseSighting(JSON.stringify(value))).toBeUndefined();
  });

  test('when it is any text at all, it is read or refused, and nothing is thrown', () => {
    const whole = JSON.stringify(SIGHTING);
    const damaged = fc
      .tuple(fc.nat(whole.length), fc.nat(whole.length), fc.string())
      .map(([from, to, text]) => whole.slice(0, from) + text + whole.slice(to));
    const text = fc.oneof(fc.string({ unit: 'binary' }), fc.json(), damaged);
    fc.assert(
      fc.property(text, (each) => {
        const sighting = parseSighting(each);
        if (sighting === undefined) return;
        for (const { pid, startTime } of [...sighting.processes, ...sighting.descendants]) {
          expect([pid, startTime].every(Number.isInteger)).toBe(true);
        }
      }),
      { numRuns: 2000 },
    );
  });

  test('when it is JSON nested without end, it is refused', () => {
    expect(parseSighting('['.repeat(1_000_000))).toBeUndefined();
  });
});

describe('which pidfile it is', () => {
  const access = { uid: 0, gid: 0, mode: 0o100_644, dev: 24, ino: 1234, mtimeMs: 1_700_000_000_000.5 };
  const identity = (changes: Partial<typeof access> = {}) =>
    identityOf({ path: '/run/svc.pid', pids: [42], access: { ...access, ...changes } });

  test.each([{ dev: 25 }, { ino: 1235 }, { mtimeMs: 1_700_000_000_000.25 }])(
    'when it is another file or was written since (%o), it is not the same',
    (changes) => {
      expect(identity(changes)).not.toBe(identity());
    },
  );

  test('when an operator has only changed whose it is or who can write it, it is the same', () => {
    expect(identity({ uid: 7, gid: 7, mode: 0o100_600 })).toBe(identity());
  });
});
