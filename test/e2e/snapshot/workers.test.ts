import { linkSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { messages } from '../../../src/log/messages.ts';
import { Crew, SOON, WORKER } from '../../support/crew.ts';
import { kill } from '../../support/family.ts';
import { leftOver, lineOf, sent, TERM } from '../../support/messages.ts';
import { isAlive, processesOf, start } from '../../support/process.ts';
import { testService } from '../../support/service.ts';
import { QUIET, sipwd } from '../../support/sipwd.ts';
import { until } from '../../support/wait.ts';

const THREE = [WORKER.plain, WORKER.plain, WORKER.plain];

describe('orphans', () => {
  test('when the service was healthy before, they are stopped before the start, and each is named', async () => {
    const crew = new Crew(THREE);
    await crew.startSeen();
    const { main, workers } = crew;
    await crew.killMain();
    expect(workers.every(isAlive)).toBe(true);
    const run = await sipwd(crew.args);
    expect(run.status).toBe(0);
    expect(run.said.slice(1, -1)).toEqual([
      lineOf(leftOver(workers), crew.service.name),
      ...sent(TERM, crew.service, workers),
      lineOf(messages.starting(crew.command), crew.service.name),
    ]);
    expect([main, ...workers].filter(isAlive)).toEqual([]);
    await crew.complete();
    expect(isAlive(crew.main)).toBe(true);
  });

  test('when one runs a hard link to the binary, beside it, it is stopped before the start', async () => {
    const service = testService();
    rmSync(service.binfile);
    const program = service.copy('/bin/sh', 'program-1.2');
    symlinkSync(program, service.binfile);
    const other = service.path('program-worker');
    linkSync(program, other);
    const { pid: main } = start(program, ['-c', `setsid ${other} -c 'while :; do sleep 1; done' & wait`]);
    service.writePids(main);
    const worker = await until('the worker runs', () => processesOf((exe) => exe === other)[0]);
    expect(await sipwd(service.args)).toMatchObject(QUIET);
    await kill([main]);
    const run = await sipwd(['--exit-if-down', ...service.args]);
    expect(run.status).toBe(1);
    expect(run.linesOf('sent')).toEqual(sent(TERM, service, [worker]));
  });

  test('when no snapshot is stored, they are not signalled', async () => {
    const crew = new Crew(THREE);
    await crew.start();
    const { workers } = crew;
    await crew.killMain();
    const run = await sipwd(crew.args);
    expect(run.status).toBe(0);
    expect(run.linesOf('sent')).toEqual([]);
    expect(run.events.at(-1)).toBe('started');
    expect(workers.every(isAlive)).toBe(true);
  });

  test('when one ignores SIGTERM, it gets SIGKILL, and the start waits for its exit', async () => {
    const crew = new Crew([WORKER.plain, WORKER.stubborn]);
    await crew.startSeen();
    const { workers } = crew;
    await crew.killMain();
    const run = await sipwd([...SOON, ...crew.args]);
    expect(run.status).toBe(0);
    const [last = 0] = workers.slice(-1);
    expect(run.said.slice(2, -1)).toEqual([
      ...sent(TERM, crew.service, workers),
      ...sent('SIGKILL', crew.service, [last]),
      lineOf(messages.starting(crew.command), crew.service.name),
    ]);
    expect(workers.filter(isAlive)).toEqual([]);
  });

  test.each([
    [
      'they are children of a process of another name, they are stopped, and that process is not signalled',
      [WORKER.grandchild, WORKER.grandchild],
    ],
    ['there are 400, all are stopped', Array<string>(400).fill(WORKER.plain)],
  ])('when %s', async (_, kinds) => {
    const crew = new Crew(kinds);
    await crew.startSeen();
    const { workers } = crew;
    await crew.killMain();
    const run = await sipwd(crew.args);
    expect(run.status).toBe(0);
    expect(run.linesOf('sent')).toEqual(sent(TERM, crew.service, workers));
    expect(workers.filter(isAlive)).toEqual([]);
  });

  test('when some were replaced between healthy checks, those of the last snapshot are stopped, and no others', async () => {
    const crew = new Crew(THREE);
    await crew.startSeen();
    const [old = 0, ...kept] = crew.workers;
    await kill([old]);
    crew.tell(WORKER.plain);
    await crew.complete();
    await crew.check();
    const stored = crew.workers;
    expect(stored).toEqual(expect.arrayContaining(kept));
    crew.tell(WORKER.plain);
    await crew.complete(4);
    const others = crew.workers.filter((pid) => !stored.includes(pid));
    await crew.killMain();
    const run = await sipwd(crew.args);
    expect(run.status).toBe(0);
    expect(run.linesOf('sent')).toEqual(sent(TERM, crew.service, stored));
    expect(stored.filter(isAlive)).toEqual([]);
    expect(others.filter(isAlive)).toEqual(others);
  });

  test('with -e, they are stopped as well: exit 1', async () => {
    const crew = new Crew(THREE);
    await crew.startSeen();
    const { workers } = crew;
    await crew.killMain();
    expect((await sipwd(['-e', ...crew.args])).status).toBe(1);
    expect(workers.filter(isAlive)).toEqual([]);
    expect(crew.workers).toEqual([]);
  });
});

test('when two instances of one binary run in one session and process group, and one is down, the other is not touched', async () => {
  const one = new Crew(THREE);
  const two = new Crew(THREE, one.service, 'two');
  expect((await sipwd(one.args.with(3, `${one.command}; ${two.command}`))).status).toBe(0);
  for (const crew of [one, two]) {
    await crew.complete();
    await crew.check();
  }
  expect(groupOf(one.main)).toEqual(groupOf(two.main));
  const orphans = one.workers;
  const others = [two.main, ...two.workers];
  await one.killMain();
  const run = await sipwd(one.args);
  expect(run.status).toBe(0);
  expect(run.linesOf('sent')).toEqual(sent(TERM, one.service, orphans));
  expect(orphans.filter(isAlive)).toEqual([]);
  expect(others.filter(isAlive)).toEqual(others);
});

/** Its process group and its session. */
function groupOf(pid: number): string[] {
  return readFileSync(`/proc/${pid}/stat`, 'latin1').split(' ').slice(4, 6);
}
