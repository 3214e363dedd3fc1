import { rmSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { why } from '../../../src/log/reasons.ts';
import { Crew, WORKER } from '../../support/crew.ts';
import { isAlive, NO_PID, start } from '../../support/process.ts';
import { QUIET, sipwd } from '../../support/sipwd.ts';

const LINES = [WORKER.plain, WORKER.plain, WORKER.grandchild];

type Loss = (pidfile: string) => void;

const LOSSES: readonly [string, Loss][] = [
  ['removed', (pidfile) => rmSync(pidfile)],
  ['emptied', (pidfile) => writeFileSync(pidfile, '')],
  ['rewritten with a PID that does not exist', (pidfile) => writeFileSync(pidfile, `${NO_PID}\n`)],
  [
    'rewritten with the PID of another program',
    (pidfile) => writeFileSync(pidfile, `${start('/bin/sleep', ['1000']).pid}\n`),
  ],
];

describe.each(LOSSES)('a pidfile that is %s while the service lives', (_, lose) => {
  test.each([
    ['by another program', (crew: Crew) => crew.startSeen()],
    ['by sipwd', startedBySipwd],
  ])(
    'when the service was started %s, all of its processes are stopped, and one copy runs afterwards',
    async (_, begin) => {
      const crew = new Crew(LINES);
      await begin(crew);
      const { main, workers } = crew;
      lose(crew.pidfile);
      const run = await sipwd(crew.args);
      expect([main, ...workers].filter(isAlive)).toEqual([]);
      await crew.complete();
      expect(crew.mains).toEqual([crew.main]);
      expect(run.status).toBe(0);
      for (const pid of [main, ...workers]) expect(run.linesOf('leftOver')[0]).toContain(why.member(pid, 'snapshot'));
      expect(await sipwd(crew.args)).toMatchObject(QUIET);
    },
  );
});

test('when the pidfile is lost three times in a row, one copy runs after each run', async () => {
  const crew = new Crew(LINES);
  await crew.startSeen();
  for (const [, lose] of LOSSES.slice(0, 3)) {
    lose(crew.pidfile);
    expect(await sipwd(crew.args)).toMatchObject({ status: 0 });
    await crew.complete();
    expect(crew.mains).toEqual([crew.main]);
  }
});

async function startedBySipwd(crew: Crew): Promise<void> {
  expect(await sipwd(crew.args)).toMatchObject({ status: 0 });
  await crew.complete();
}
