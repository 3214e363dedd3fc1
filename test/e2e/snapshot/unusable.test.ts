import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { describe, expect, test } from 'vitest';
import { messages } from '../../../src/log/messages.ts';
import { stateProblem } from '../../../src/log/reasons.ts';
import { Crew, snapshotOf, WORKER } from '../../support/crew.ts';
import { leftOver, lineOf, sent, TERM } from '../../support/messages.ts';
import { sipwd } from '../../support/sipwd.ts';

const TWO = [WORKER.plain, WORKER.plain];
const DBUG = { env: { SIPLOG_LVL: 'DBUG' } };

const edit = (path: string, change: (text: string) => string) =>
  writeFileSync(path, change(readFileSync(path, 'utf8')));

interface Unusable {
  readonly it: string;
  readonly spoil: (path: string, crew: Crew) => void;
  readonly problem: string;
  /** whether the next healthy run cannot replace it */
  readonly stays?: true;
}

const UNUSABLE: readonly Unusable[] = [
  {
    it: 'is cut in the middle',
    spoil: (path) => edit(path, (text) => text.slice(0, text.length / 2)),
    problem: stateProblem.damaged(),
  },
  { it: 'is empty', spoil: (path) => writeFileSync(path, ''), problem: stateProblem.damaged() },
  {
    it: 'is garbage',
    spoil: (path) => writeFileSync(path, Buffer.from([0, 255, 10, 123, 27])),
    problem: stateProblem.damaged(),
  },
  {
    it: 'is of another version',
    spoil: (path) => writeFileSync(path, '{"boot":1}'),
    problem: stateProblem.damaged(),
  },
  {
    it: 'is from another boot',
    spoil: (path) => edit(path, (text) => text.replace(/"boot":"[0-9a-f]{8}/, '"boot":"00000000')),
    problem: stateProblem.otherBoot(),
  },
  { it: 'is world-writable', spoil: (path) => chmodSync(path, 0o666), problem: stateProblem.notOwners() },
  {
    it: 'is a symbolic link to a usable one',
    spoil: (path, { service }) => {
      renameSync(path, service.path('elsewhere'));
      symlinkSync(service.path('elsewhere'), path);
    },
    problem: 'too many symbolic links encountered (ELOOP)',
  },
  {
    it: 'is a FIFO',
    spoil: (path) => {
      rmSync(path);
      execFileSync('mkfifo', ['-m', '0600', path]);
    },
    problem: stateProblem.notOwners(),
  },
  {
    it: 'is a directory',
    spoil: (path) => {
      rmSync(path);
      mkdirSync(path);
    },
    problem: stateProblem.notOwners(),
    stays: true,
  },
];

describe('a snapshot that is not usable', () => {
  for (const { it, spoil, problem, stays } of UNUSABLE) {
    const then = stays ? 'it stays' : 'the next healthy run replaces it';
    test(`when it ${it}, no worker is signalled, the service is started, and DBUG says why; ${then}`, async () => {
      const crew = new Crew(TWO);
      await crew.startSeen();
      const snapshot = snapshotOf(crew);
      const good = readFileSync(snapshot, 'utf8');
      spoil(snapshot, crew);
      const { workers } = crew;
      await crew.killMain();
      const run = await sipwd(crew.args, DBUG);
      expect(run.status).toBe(0);
      expect(run.said[0]).toBe(lineOf(messages.snapshotNotUsable(problem), crew.service.name));
      expect(run.linesOf('sent')).toEqual([]);
      expect(crew.workers).toEqual(expect.arrayContaining(workers));

      await crew.complete(4);
      const next = await sipwd(crew.args, DBUG);
      expect(next.status).toBe(0);
      expect(next.events.includes('snapshotNotStored')).toBe(stays === true);
      if (stays) return;
      expect(lstatSync(snapshot).mode).toBe(0o100_600);
      expect(JSON.parse(readFileSync(snapshot, 'utf8'))).toMatchObject({ mains: [{ pid: crew.main }] });
      const elsewhere = crew.service.path('elsewhere');
      if (existsSync(elsewhere)) expect(readFileSync(elsewhere, 'utf8')).toBe(good);
    });
  }
});

test('when a process has another start time than the worker of that PID in the snapshot, it is not signalled', async () => {
  const crew = new Crew(TWO);
  await crew.startSeen();
  const [stranger = 0, known = 0] = crew.workers;
  edit(snapshotOf(crew), (text) => text.replace(`"pid":${stranger},"startTime":`, '$&1'));
  await crew.killMain();
  const run = await sipwd(['-e', ...crew.args]);
  expect(run.said[1]).toBe(lineOf(leftOver([known]), crew.service.name));
  expect(run.linesOf('sent')).toEqual(sent(TERM, crew.service, [known]));
  expect(crew.workers).toEqual([stranger]);
});
