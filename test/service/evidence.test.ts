import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Process } from '../../src/process/procfs.ts';
import { type Clues, claimsOn, type Evidence, ownCarriers } from '../../src/service/evidence.ts';
import { expectToHold } from '../support/seed.ts';

/** The start time of a process, unless a test gives another one. */
const bornAt = (pid: number) => pid * 10;

/** A process in a session of its own, whose parent is init. */
function alive(pid: number, changes: Partial<Process> = {}): Process {
  const rest = { comm: 'svc', state: 'S', flags: 0, threads: 1, exitSignal: 17 };
  return { pid, parent: 1, session: pid, startTime: bornAt(pid), ...rest, ...changes };
}

/** Processes that run as they did when they were named. */
const same = (...pids: readonly number[]) => new Map(pids.map((pid) => [pid, bornAt(pid)]));
/** PIDs that were recycled since they were named. */
const other = (...pids: readonly number[]) => new Map(pids.map((pid) => [pid, bornAt(pid) - 1]));
/** PIDs in the pidfile whose process has exited. */
const exited = (...pids: readonly number[]) => new Map(pids.map((pid) => [pid, undefined]));
const pids = (...all: readonly number[]) => new Set(all);

const NONE = { mains: same(), workers: same() };

function claimed(scan: readonly Process[], clues: Partial<Clues>) {
  return claimsOn(scan, { listed: same(), ...NONE, carriers: pids(), spared: pids(), others: [], ...clues });
}

/** `20 pidfile, 21 descent` */
function evidenceIn(scan: readonly Process[], clues: Partial<Clues>): string {
  return claimed(scan, clues)
    .map(({ pid, evidence }) => `${pid} ${evidence}`)
    .join(', ');
}

type Row = readonly [when: string, scan: readonly Process[], clues: Partial<Clues>, claims: string];

function testRows(...rows: readonly Row[]): void {
  test.each(rows)('when %s', (_, scan, clues, claims) => expect(evidenceIn(scan, clues)).toBe(claims));
}

const MAIN = alive(20);
const CHILD = alive(21, { parent: 20 });
const GRANDCHILD = alive(22, { parent: 21 });
const FAMILY = [MAIN, CHILD, GRANDCHILD];
/** Forked by main process 20, and adopted by init. */
const ADOPTED = alive(30, { session: 20 });
const STRANGER = alive(40);
const ALL = [...FAMILY, ADOPTED, STRANGER];

describe('the five kinds of evidence', () => {
  testRows(
    ['nothing is known, nothing is claimed', ALL, {}, ''],
    ['the pidfile names a process, it is claimed', [MAIN, STRANGER], { listed: same(20) }, '20 pidfile'],
    ['it names one that has exited, a process with its PID is not claimed', [MAIN], { listed: exited(20) }, ''],
    ['it names a PID that was recycled, the process is not claimed', [MAIN], { listed: other(20) }, ''],
    ['the snapshot names a main process, it is claimed', [MAIN, STRANGER], { mains: same(20) }, '20 snapshot'],
    ['the snapshot names a worker, it is claimed', [MAIN, ADOPTED], { workers: same(30) }, '30 snapshot'],
    ['it names PIDs that were recycled, none is claimed', ALL, { mains: other(20), workers: other(30) }, ''],
    [
      'a process in the pidfile has descendants, all generations are claimed',
      [...FAMILY, STRANGER],
      { listed: same(20) },
      '20 pidfile, 21 descent, 22 descent',
    ],
    [
      'a main process of the snapshot has descendants, all generations are claimed',
      [...FAMILY, STRANGER],
      { mains: same(20) },
      '20 snapshot, 21 descent, 22 descent',
    ],
    ['a worker of the snapshot has a child, it is claimed', FAMILY, { workers: same(21) }, '21 snapshot, 22 descent'],
    ['the PID of a parent was recycled, its descendants are not claimed', FAMILY, { mains: other(20) }, ''],
    ['its main process runs, a session is claimed', [MAIN, ADOPTED], { listed: same(20) }, '20 pidfile, 30 session'],
    ['its main process has exited, a session is claimed', [ADOPTED, STRANGER], { listed: exited(20) }, '30 session'],
    ['it has exited since it was checked, so is it', [ADOPTED], { listed: same(20), mains: same(20) }, '30 session'],
    ['only the snapshot names its leader, so is it', [ADOPTED, STRANGER], { mains: same(20) }, '30 session'],
    [
      'its leader has exited, and there are other services, so is it',
      [ADOPTED],
      { listed: exited(20), others: [NONE] },
      '30 session',
    ],
    [
      'its process is older than the leader, a session is not claimed',
      [alive(30, { session: 20, startTime: 199 })],
      { mains: same(20) },
      '',
    ],
    [
      'its process is as old as the leader, it is claimed',
      [alive(30, { session: 20, startTime: 200 })],
      { mains: same(20) },
      '30 session',
    ],
    [
      'a parent and its child began in one tick, the child is claimed',
      [MAIN, { ...CHILD, startTime: 200 }],
      { listed: same(20) },
      '20 pidfile, 21 descent',
    ],
    [
      'each of two processes looks like the parent of the other, none is claimed',
      [alive(23, { parent: 24, startTime: 1 }), alive(24, { parent: 23, startTime: 1 })],
      { mains: same(20) },
      '',
    ],
    ['its leader was a worker, a session is not claimed', [ADOPTED], { workers: same(20) }, ''],
    ['a process carries the cookie, it is claimed; its child does not', FAMILY, { carriers: pids(21) }, '21 cookie'],
  );
});

describe('the processes with the cookie', () => {
  test.each<Row>([
    ['nothing else is known, they are those of the start', ALL, {}, '21,30,40'],
    ['sipwd descends from one, it is left out', ALL, { spared: pids(21) }, '30,40'],
    [
      'another service names one, it and its descendants are left out, but not the rest of its session',
      ALL,
      { others: [{ ...NONE, mains: same(20) }] },
      '30,40',
    ],
    ['it is a worker of another service, so is it', ALL, { others: [{ ...NONE, workers: same(21) }] }, '30,40'],
    [
      'one is of the service for another reason, it is among them',
      ALL,
      { listed: same(40), mains: same(30) },
      '21,30,40',
    ],
  ])('when %s', (_, scan, clues, found) => {
    const known = { listed: same(), ...NONE, carriers: pids(21, 30, 40), spared: pids(), others: [], ...clues };
    expect([...ownCarriers(scan, known)].join()).toBe(found);
  });
});

describe('a session leader whose PID was recycled', () => {
  const recycled: Partial<Clues>[] = [
    { listed: other(20) },
    { listed: exited(20) },
    { mains: other(20) },
    { listed: exited(20), mains: other(20) },
  ];
  test.each(recycled)('when that is known by %o, its session is not claimed, except by the cookie', (clues) => {
    expect(evidenceIn([MAIN, ADOPTED], clues)).toBe('');
    expect(evidenceIn([MAIN, ADOPTED], { ...clues, carriers: pids(30) })).toBe('30 cookie');
  });

  test('when the pidfile names the process that has the PID now, its session is claimed', () => {
    expect(evidenceIn([MAIN, ADOPTED], { listed: same(20), mains: other(20) })).toBe('20 pidfile, 30 session');
  });
});

describe('the order of the evidence', () => {
  const process = alive(31, { parent: 21, session: 20 });
  const rows: [Evidence, Partial<Clues>][] = [
    ['pidfile', { listed: same(20, 31), mains: same(20), workers: same(21, 31) }],
    ['snapshot', { listed: same(20), mains: same(20), workers: same(21, 31) }],
    ['descent', { listed: exited(20), mains: same(20), workers: same(21) }],
    ['session', { listed: exited(20), mains: same(20) }],
    ['cookie', {}],
  ];
  test.each(rows)('when "%s" and all later kinds hold, that one is the evidence', (evidence, clues) => {
    const claim = claimed([CHILD, process], { ...clues, carriers: pids(31) }).find(({ pid }) => pid === 31);
    expect(claim?.evidence).toBe(evidence);
  });
});

describe('a claim', () => {
  test('when the pidfile or the snapshot names a main process, it is one; any other process is a worker', () => {
    const clues = { listed: same(20), mains: same(40), workers: same(21), carriers: pids(50) };
    expect(claimed([...ALL, alive(50)], clues)).toEqual([
      { pid: 20, startTime: 200, evidence: 'pidfile', isMain: true },
      { pid: 21, startTime: 210, evidence: 'snapshot', isMain: false },
      { pid: 22, startTime: 220, evidence: 'descent', isMain: false },
      { pid: 30, startTime: 300, evidence: 'session', isMain: false },
      { pid: 40, startTime: 400, evidence: 'snapshot', isMain: true },
      { pid: 50, startTime: 500, evidence: 'cookie', isMain: false },
    ]);
  });

  test('when a worker has the PID of a main process that has exited, it is a worker', () => {
    const [claim] = claimed([MAIN], { mains: other(20), carriers: pids(20) });
    expect(claim).toEqual({ pid: 20, startTime: 200, evidence: 'cookie', isMain: false });
  });
});

describe('sipwd and its ancestors', () => {
  testRows(
    ['the pidfile names one, it is claimed', [MAIN], { listed: same(20), spared: pids(20) }, '20 pidfile'],
    ['the snapshot names one, it is not claimed', [MAIN], { mains: same(20), spared: pids(20) }, ''],
    ['one is a descendant, it is not claimed', [MAIN, CHILD], { listed: same(20), spared: pids(21) }, '20 pidfile'],
    ['one is in the session, it is not claimed', [ADOPTED], { listed: exited(20), spared: pids(30) }, ''],
    ['one carries the cookie, it is not claimed', [MAIN], { carriers: pids(20), spared: pids(20) }, ''],
    [
      'the snapshot names one, and it has other children, these are claimed',
      FAMILY,
      { mains: same(20), spared: pids(20, 21) },
      '22 descent',
    ],
  );
});

describe('the processes of other services', () => {
  const theirs = (...mains: readonly number[]) => ({ mains: same(...mains), workers: same() });
  const alone = { others: [{ mains: same(), workers: same(20) }] };
  testRows(
    ['their snapshot names one in the pidfile, it is not claimed', [MAIN], { listed: same(20), ...alone }, ''],
    ['their snapshot names one in the snapshot, it is not claimed', [MAIN], { workers: same(20), ...alone }, ''],
    ['their snapshot names one with the cookie, it is not claimed', [MAIN], { carriers: pids(20), ...alone }, ''],
    [
      'both snapshots name the leader of a session, it is theirs',
      [ADOPTED],
      { mains: same(20), others: [theirs(20)] },
      '',
    ],
    [
      'their snapshot names one in the session, it is not claimed',
      [ADOPTED],
      { listed: exited(20), others: [theirs(30)] },
      '',
    ],
    [
      'their snapshot names a descendant, it is not claimed',
      FAMILY,
      { mains: same(20), others: [theirs(22)] },
      '20 snapshot, 21 descent',
    ],
    [
      'their snapshot names a PID that was recycled, the process is claimed',
      [MAIN],
      { listed: same(20), others: [{ ...NONE, mains: other(20) }] },
      '20 pidfile',
    ],
    [
      'one descends from theirs below ours, it is not claimed',
      FAMILY,
      { listed: same(20), others: [theirs(21)] },
      '20 pidfile',
    ],
    [
      'one descends from ours below theirs, it is claimed',
      FAMILY,
      { listed: same(21), others: [theirs(20)] },
      '21 pidfile, 22 descent',
    ],
    [
      'one with the cookie descends from theirs, it is not claimed',
      FAMILY,
      { carriers: pids(22), others: [theirs(20)] },
      '',
    ],
    [
      'one in our session descends from theirs, it is not claimed',
      [alive(25), alive(26, { parent: 25, session: 20 })],
      { listed: exited(20), others: [theirs(25)] },
      '',
    ],
    [
      'one with the cookie is in their session, it is not claimed',
      [MAIN, ADOPTED],
      { carriers: pids(30), others: [theirs(20)] },
      '',
    ],
    [
      'their session leader has exited since, one with the cookie is not claimed',
      [ADOPTED],
      { carriers: pids(30), others: [theirs(20)] },
      '',
    ],
    [
      'the PID of their session leader was recycled, one with the cookie is claimed',
      [MAIN, ADOPTED],
      { carriers: pids(30), others: [{ ...NONE, mains: other(20) }] },
      '30 cookie',
    ],
  );
});

describe('whatever processes there are', () => {
  const PIDS = fc.integer({ min: 2, max: 12 });
  const startTime = fc.constantFrom(1, 2);
  /** Each parent is older: init, or a process before it. */
  const scan = fc
    .uniqueArray(fc.record({ pid: PIDS, parent: fc.nat(), session: PIDS, startTime }), { selector: ({ pid }) => pid })
    .map((all) =>
      all.map(({ parent, ...each }, index) => {
        const older = all[parent % (index + 1)]?.pid ?? 1;
        return alive(each.pid, { ...each, parent: older === each.pid ? 1 : older });
      }),
    );
  const entries = <T>(value: fc.Arbitrary<T>) =>
    fc.array(fc.tuple(PIDS, value), { maxLength: 4 }).map((all) => new Map(all));
  const some = fc.array(PIDS, { maxLength: 4 }).map((all) => new Set(all));
  const others = fc.array(fc.record({ mains: entries(startTime), workers: entries(startTime) }), { maxLength: 2 });
  const clues: fc.Arbitrary<Clues> = fc.record({
    listed: entries(fc.option(startTime, { nil: undefined })),
    mains: entries(startTime),
    workers: entries(startTime),
    carriers: some,
    spared: some,
    others,
  });

  test('a process that the snapshot of another service names is never claimed', () => {
    const property = fc.property(scan, clues, (processes, known) => {
      for (const { pid, startTime } of claimsOn(processes, known)) {
        const named = known.others.flatMap(({ mains, workers }) => [mains.get(pid), workers.get(pid)]);
        expect(named).not.toContain(startTime);
      }
    });
    expectToHold(property);
  });

  test('what other services have takes claims away, and changes none of those that are left', () => {
    const property = fc.property(scan, clues, (processes, known) => {
      const all = claimsOn(processes, { ...known, others: [] });
      expect(all).toEqual(expect.arrayContaining(claimsOn(processes, known)));
    });
    expectToHold(property);
  });
});
