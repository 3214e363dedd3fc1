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
import { Crew, recordOf, sent, TERM, WORKER } from '../support/crew.ts';
import { sipwd } from '../support/sipwd.ts';

const TWO = [WORKER.plain, WORKER.plain];
const DBUG = { env: { SIPLOG_LVL: 'DBUG' } };

const edit = (path: string, change: (text: string) => string) =>
  writeFileSync(path, change(readFileSync(path, 'utf8')));

/** The last: what the next healthy run makes of it. */
const UNUSABLE: [string, (path: string, crew: Crew) => void, RegExp, 'written anew' | 'left alone'][] = [
  ['cut in the middle', (path) => edit(path, (text) => text.slice(0, text.length / 2)), /not whole/, 'written anew'],
  ['empty', (path) => writeFileSync(path, ''), /not whole/, 'written anew'],
  ['garbage', (path) => writeFileSync(path, Buffer.from([0, 255, 10, 123, 27])), /not whole/, 'written anew'],
  ['of another kind', (path) => writeFileSync(path, '{"boot":1}'), /not of this version/, 'written anew'],
  [
    'from another boot',
    (path) => edit(path, (text) => text.replace(/"boot":"[0-9a-f]{8}/, '"boot":"00000000')),
    /it is from another boot/,
    'written anew',
  ],
  ['one that others can write', (path) => chmodSync(path, 0o666), /only its owner can reach/, 'written anew'],
  [
    'a link to a good one',
    (path, { service }) => {
      renameSync(path, service.path('elsewhere'));
      symlinkSync(service.path('elsewhere'), path);
    },
    /\(ELOOP\)/,
    'written anew',
  ],
  [
    'a FIFO',
    (path) => {
      rmSync(path);
      execFileSync('mkfifo', ['-m', '0600', path]);
    },
    /only its owner can reach/,
    'written anew',
  ],
  [
    'a folder',
    (path) => {
      rmSync(path);
      mkdirSync(path);
    },
    /only its owner can reach/,
    'left alone',
  ],
];

describe('a record that is of no use', () => {
  for (const [what, spoil, why, then] of UNUSABLE) {
    test(`when it is ${what}, workers are not touched, the service is started, and DBUG says why; it is ${then}`, async () => {
      const crew = new Crew(TWO);
      await crew.startSeen();
      const record = await recordOf(crew);
      const good = readFileSync(record, 'utf8');
      spoil(record, crew);
      const { workers } = crew;
      await crew.killMain();
      const run = await sipwd(crew.args, DBUG);
      expect(run.status).toBe(0);
      expect(run.said[0]).toMatch(new RegExp(`^cannot use what was seen of \\S+: .*${why.source}`));
      expect(run.stderr).not.toContain('SIG');
      expect(crew.workers).toEqual(expect.arrayContaining(workers));

      await crew.complete(4);
      const next = await sipwd(crew.args, DBUG);
      expect(next.status).toBe(0);
      const wentWrong = next.said.some((line) => line.startsWith('cannot write down what was seen of'));
      expect(wentWrong).toBe(then === 'left alone');
      if (then === 'left alone') return;
      expect(lstatSync(record).mode).toBe(0o100_600);
      expect(JSON.parse(readFileSync(record, 'utf8'))).toMatchObject({ processes: [{ pid: crew.main }] });
      const elsewhere = crew.service.path('elsewhere');
      if (existsSync(elsewhere)) expect(readFileSync(elsewhere, 'utf8')).toBe(good);
    });
  }

  test('when a worker on record has another start time, that process is a stranger and is not touched', async () => {
    const crew = new Crew(TWO);
    await crew.startSeen();
    const [stranger = 0, known = 0] = crew.workers;
    edit(await recordOf(crew), (text) => text.replace(`"pid":${stranger},"startTime":`, '$&1'));
    await crew.killMain();
    const run = await sipwd(['-e', ...crew.args]);
    expect(run.said[1]).toBe(`of ${crew.service.binfile}, PID ${known} outlived their main process`);
    expect(run.said.filter((line) => line.startsWith('sent'))).toEqual(sent(TERM, crew, [known]));
    expect(crew.workers).toEqual([stranger]);
  });
});
