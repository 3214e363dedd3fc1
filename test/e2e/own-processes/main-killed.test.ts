import { expect, test } from 'vitest';
import { why } from '../../../src/log/reasons.ts';
import type { Evidence } from '../../../src/service/evidence.ts';
import { Crew, WORKER } from '../../support/crew.ts';
import { kill } from '../../support/family.ts';
import { isAlive } from '../../support/process.ts';
import { sipwd } from '../../support/sipwd.ts';

const THREE = [WORKER.plain, WORKER.plain, WORKER.plain];

/** Workers that one kind of evidence shows, and no other. */
const IN_SESSION = 'env -u SIPWD_COOKIE $WORKER 1000 &';
const WITH_COOKIE = 'setsid $WORKER 1000 &';
const WITHOUT_EVIDENCE = 'env -u SIPWD_COOKIE setsid $WORKER 1000 &';

/** A service whose main process has a session of its own, started by sipwd and not checked since. */
async function started(lines: readonly string[]): Promise<Crew> {
  const crew = new Crew(lines, undefined, 'one', 'setsid');
  expect(await sipwd(crew.args)).toMatchObject({ status: 0 });
  await crew.complete();
  return crew;
}

/** The main process forks one more worker. */
async function forked(crew: Crew, line: string): Promise<number> {
  const before = crew.workers;
  crew.tell(line);
  await crew.complete(before.length + 1);
  return crew.workers.find((pid) => !before.includes(pid)) ?? 0;
}

test('when the main process is killed before its first healthy check, again and again, one copy of the service runs after each start', async () => {
  const crew = await started(THREE);
  for (let round = 0; round < 3; round++) {
    const { main, workers } = crew;
    await crew.killMain();
    expect(workers.every(isAlive)).toBe(true);
    expect(await sipwd(crew.args)).toMatchObject({ status: 0 });
    expect([main, ...workers].filter(isAlive)).toEqual([]);
    await crew.complete();
    expect(crew.mains).toEqual([crew.main]);
  }
});

test('when only the snapshot after the start names the workers, they are stopped before the next start', async () => {
  const crew = await started([WITHOUT_EVIDENCE, WITHOUT_EVIDENCE]);
  const { workers } = crew;
  await crew.killMain();
  const run = await sipwd(crew.args);
  expect(workers.filter(isAlive)).toEqual([]);
  await crew.complete();
  expect(run.status).toBe(0);
  for (const pid of workers) expect(run.linesOf('leftOver')[0]).toContain(why.member(pid, 'snapshot'));
});

test.each<[string, string, Evidence]>([
  ['in the session of the main process', IN_SESSION, 'session'],
  ['in a session of its own, with the cookie of the start', WITH_COOKIE, 'cookie'],
])(
  'when a worker was forked after the snapshot, %s, it is stopped; one without evidence is not',
  async (_, line, evidence) => {
    const crew = await started([]);
    const stranger = await forked(crew, WITHOUT_EVIDENCE);
    const worker = await forked(crew, line);
    await crew.killMain();
    const run = await sipwd(crew.args);
    expect(crew.workers).toEqual([stranger]);
    expect(isAlive(worker)).toBe(false);
    expect(crew.mains).toEqual([crew.main]);
    expect(run.status).toBe(0);
    expect(run.linesOf('leftOver')[0]).toContain(why.member(worker, evidence));
  },
);

test('when a worker and the main process are killed after the start, and new workers were forked, all that is left is stopped', async () => {
  const crew = await started(THREE);
  const [first = 0, ...others] = crew.workers;
  const late = await forked(crew, WORKER.grandchild);
  await kill([first]);
  await crew.killMain();
  expect(await sipwd(crew.args)).toMatchObject({ status: 0 });
  expect([...others, late].filter(isAlive)).toEqual([]);
  await crew.complete();
  expect(crew.mains).toEqual([crew.main]);
});
