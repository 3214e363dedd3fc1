import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { Crew, SOON, sent, TERM, WORKER } from '../support/crew.ts';
import { kill } from '../support/family.ts';
import { isAlive } from '../support/process.ts';
import { sipwd } from '../support/sipwd.ts';

const THREE = [WORKER.plain, WORKER.plain, WORKER.plain];

describe('workers that outlive their main process', () => {
  test('when it was seen healthy before, they are ended before the start, and each is named', async () => {
    const crew = new Crew(THREE);
    await crew.startSeen();
    const { main, workers } = crew;
    await crew.killMain();
    expect(workers.every(isAlive)).toBe(true);
    const run = await sipwd(crew.args);
    expect(run.status).toBe(0);
    expect(run.said.slice(1, 6)).toEqual([
      `of ${crew.service.binfile}, PID ${workers.join(', ')} outlived their main process`,
      ...sent(TERM, crew, workers),
      `starting ${crew.service.binfile}: ${crew.command}`,
    ]);
    expect([main, ...workers].filter(isAlive)).toEqual([]);
    await crew.complete();
    expect(isAlive(crew.main)).toBe(true);
  });

  test('when it was never seen healthy, they are not touched', async () => {
    const crew = new Crew(THREE);
    await crew.start();
    const { workers } = crew;
    await crew.killMain();
    const run = await sipwd(crew.args);
    expect(run.status).toBe(0);
    expect(run.stderr).not.toContain('SIG');
    expect(workers.every(isAlive)).toBe(true);
  });

  test('when one ignores SIGTERM, it gets SIGKILL, and nothing is started before it has gone', async () => {
    const crew = new Crew([WORKER.plain, WORKER.stubborn]);
    await crew.startSeen();
    const { workers } = crew;
    await crew.killMain();
    const run = await sipwd([...SOON, ...crew.args]);
    expect(run.status).toBe(0);
    const [last = 0] = workers.slice(-1);
    expect(run.said.slice(2, 6)).toEqual([
      ...sent(TERM, crew, workers),
      ...sent('SIGKILL', crew, [last]),
      expect.stringMatching(/^starting /),
    ]);
    expect(workers.filter(isAlive)).toEqual([]);
  });

  test.each([
    [
      'they are children of a process of another name, they are ended, and that one gets no signal',
      [WORKER.grandchild, WORKER.grandchild],
    ],
    ['there are 400, all are ended', Array<string>(400).fill(WORKER.plain)],
  ])('when %s', async (_, kinds) => {
    const crew = new Crew(kinds);
    await crew.startSeen();
    const { workers } = crew;
    await crew.killMain();
    const run = await sipwd(crew.args);
    expect(run.status).toBe(0);
    expect(run.said.filter((line) => line.startsWith('sent'))).toEqual(sent(TERM, crew, workers));
    expect(workers.filter(isAlive)).toEqual([]);
  });

  test('when some were replaced between healthy runs, those that were seen last are ended, and no other', async () => {
    const crew = new Crew(THREE);
    await crew.startSeen();
    const [old = 0, ...kept] = crew.workers;
    await kill([old]);
    crew.tell(WORKER.plain);
    await crew.complete();
    await crew.look();
    const seen = crew.workers;
    expect(seen).toEqual(expect.arrayContaining(kept));
    crew.tell(WORKER.plain);
    await crew.complete(4);
    const unseen = crew.workers.filter((pid) => !seen.includes(pid));
    await crew.killMain();
    const run = await sipwd(crew.args);
    expect(run.status).toBe(0);
    expect(run.said.filter((line) => line.startsWith('sent'))).toEqual(sent(TERM, crew, seen));
    expect(seen.filter(isAlive)).toEqual([]);
    expect(unseen.filter(isAlive)).toEqual(unseen);
  });

  test('when the start is left to others (-e), they are ended all the same: exit 1', async () => {
    const crew = new Crew(THREE);
    await crew.startSeen();
    const { workers } = crew;
    await crew.killMain();
    expect((await sipwd(['-e', ...crew.args])).status).toBe(1);
    expect(workers.filter(isAlive)).toEqual([]);
    expect(crew.workers).toEqual([]);
  });
});

test('when two instances of one binary run in one session and group, the fall of one does not touch the other', async () => {
  const one = new Crew(THREE);
  const two = new Crew(THREE, one.service, 'two');
  expect((await sipwd(one.args.with(3, `${one.command}; ${two.command}`))).status).toBe(0);
  for (const crew of [one, two]) {
    await crew.complete();
    await crew.look();
  }
  expect(groupOf(one.main)).toEqual(groupOf(two.main));
  const fallen = one.workers;
  const standing = [two.main, ...two.workers];
  await one.killMain();
  const run = await sipwd(one.args);
  expect(run.status).toBe(0);
  expect(run.said.filter((line) => line.startsWith('sent'))).toEqual(sent(TERM, one, fallen));
  expect(fallen.filter(isAlive)).toEqual([]);
  expect(standing.filter(isAlive)).toEqual(standing);
});

/** Its process group and its session. */
function groupOf(pid: number): string[] {
  return readFileSync(`/proc/${pid}/stat`, 'latin1').split(' ').slice(4, 6);
}
