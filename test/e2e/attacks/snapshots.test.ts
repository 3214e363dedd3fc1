import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { messages } from '../../../src/log/messages.ts';
import { stateProblem } from '../../../src/log/reasons.ts';
import { Crew, snapshotOf, WORKER } from '../../support/crew.ts';
import { lineOf } from '../../support/messages.ts';
import { isAlive } from '../../support/process.ts';
import { QUIET, sipwd } from '../../support/sipwd.ts';

/** The largest snapshot that is read. */
const MOST_BYTES = 4 * 1024 * 1024;

/** A file of nothing but brackets would not be a snapshot anyway. */
const DEEP = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;

type Values = Record<string, unknown>;

const changed = (change: Values) => (text: string) => JSON.stringify({ ...JSON.parse(text), ...change });
const startWith = (change: Values) => changed({ start: { ...START, ...change } });
const workerWith = (change: Values) => changed({ workers: [{ pid: 42, startTime: 1, ...change }] });

const START = { cookie: 'a'.repeat(32), began: 0, pidfile: '', state: 'confirmed' };

type Row = readonly [what: string, change: (text: string) => string, problem?: string];

const DAMAGED: readonly Row[] = [
  ...['boot', 'binfile', 'pidfile', 'access', 'mains', 'workers', 'start'].map(
    (key): Row => [`has a number as ${key}`, changed({ [key]: 7 })],
  ),
  ...['uid', 'gid', 'mode'].map(
    (key): Row => [`has a string as ${key}`, changed({ access: { uid: 0, gid: 0, mode: 0, [key]: '0' } })],
  ),
  ...['cookie', 'began', 'pidfile', 'state', 'strangers', 'failuresBefore', 'runfile', 'pausedAt'].map(
    (key): Row => [`has an object as ${key} of the start`, startWith({ [key]: {} })],
  ),
  ...['pid', 'startTime', 'exe', 'file'].map(
    (key): Row => [`has a list as ${key} of a worker`, workerWith({ [key]: [] })],
  ),
  ['has an empty cookie', startWith({ cookie: '' })],
  ['has a cookie with a line feed', startWith({ cookie: `\n${'a'.repeat(31)}` })],
  ['is nested deep', () => DEEP],
  ['is nested deep in a worker', (text) => text.replace('"pid":', `"more":${DEEP},"pid":`)],
  ['is nested deep in the start', (text) => startWith({})(text).replace('"began":', `"more":${DEEP},"began":`)],
  ['is a byte too large', (text) => text.padEnd(MOST_BYTES + 1), stateProblem.tooLarge()],
];

describe('a snapshot that is corrupt', () => {
  test.for(DAMAGED)(
    'when it %s, a healthy run exits 0, DBUG says why, and replaces it',
    async ([, change, problem]) => {
      const crew = new Crew([WORKER.plain]);
      await crew.startSeen();
      const snapshot = snapshotOf(crew);
      writeFileSync(snapshot, change(readFileSync(snapshot, 'utf8')));
      const run = await sipwd(crew.args, { env: { SIPLOG_LVL: 'DBUG' } });
      expect(run.status).toBe(0);
      const message = messages.snapshotNotUsable(problem ?? stateProblem.damaged());
      expect(run.linesOf('snapshotNotUsable')).toEqual([lineOf(message, crew.service.name)]);
      expect(run.linesOf('snapshotNotStored')).toEqual([]);
      expect(JSON.parse(readFileSync(snapshot, 'utf8'))).toMatchObject({ mains: [{ pid: crew.main }] });
    },
  );

  test('when its cookie is empty, a twin that sipwd started is not signalled', async () => {
    const crew = new Crew([]);
    const twin = new Crew([], crew.service, 'two');
    await crew.startSeen();
    expect((await sipwd(twin.args)).status).toBe(0);
    const snapshot = snapshotOf(crew);
    writeFileSync(snapshot, startWith({ cookie: '' })(readFileSync(snapshot, 'utf8')));
    // Its own snapshot would protect the twin.
    chmodSync(snapshotOf(twin), 0o666);
    await crew.killMain();
    const run = await sipwd(crew.args);
    expect({ status: run.status, sent: run.linesOf('sent') }).toEqual({ status: 0, sent: [] });
    expect(isAlive(twin.main)).toBe(true);
  });
});

test('when a snapshot is as large as allowed, it is used', async () => {
  const crew = new Crew([WORKER.plain]);
  await crew.startSeen();
  const snapshot = snapshotOf(crew);
  writeFileSync(snapshot, readFileSync(snapshot, 'utf8').padEnd(MOST_BYTES));
  await expect(sipwd(crew.args)).resolves.toMatchObject(QUIET);
  const { workers } = crew;
  await crew.killMain();
  expect((await sipwd(crew.args)).events).toContain('leftOver');
  expect(workers.filter(isAlive)).toEqual([]);
});
