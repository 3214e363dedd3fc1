import { copyFileSync, existsSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { Crew, SOON, WORKER } from '../../support/crew.ts';
import { ABRT, sent, TERM } from '../../support/messages.ts';
import { isAlive, NO_PID } from '../../support/process.ts';
import { sipwd } from '../../support/sipwd.ts';
import { until } from '../../support/wait.ts';

/** The signals of a forced restart. */
async function force(crew: Crew, ...options: readonly string[]): Promise<string[]> {
  writeFileSync(crew.service.forceFile, '');
  const run = await sipwd([...SOON, ...options, ...crew.args]);
  expect(run.status).toBe(0);
  expect(existsSync(crew.service.forceFile)).toBe(false);
  expect(run.events.slice(-2)).toEqual(['starting', 'started']);
  return run.linesOf('sent');
}

describe('workers in a forced restart', () => {
  for (const [when, hasSnapshot, options] of [
    ['a snapshot is stored', true, []],
    ['no snapshot is stored', false, []],
    ['--no-memory is given', false, ['--no-memory']],
  ] as const) {
    test(`when ${when}, only the main process gets SIGABRT, then its workers get SIGTERM`, async () => {
      const crew = new Crew([WORKER.plain, WORKER.plain]);
      await (hasSnapshot ? crew.startSeen() : crew.start());
      const { main, workers, service } = crew;
      expect(await force(crew, ...options)).toEqual([...sent(ABRT, service, [main]), ...sent(TERM, service, workers)]);
      expect([main, ...workers].filter(isAlive)).toEqual([]);
      await crew.complete();
    });
  }

  test('when they exit with their main process, they are not signalled', async () => {
    const crew = new Crew([WORKER.follower, WORKER.follower]);
    await crew.startSeen();
    const { main, workers, service } = crew;
    expect(await force(crew)).toEqual(sent(ABRT, service, [main]));
    expect([main, ...workers].filter(isAlive)).toEqual([]);
  });

  test('when they exit a moment after their main process, they are not signalled', async () => {
    const crew = new Crew([WORKER.slowFollower, WORKER.slowFollower]);
    copyFileSync('/bin/sh', crew.worker);
    await crew.startSeen();
    const { main, workers, service } = crew;
    expect(await force(crew)).toEqual(sent(ABRT, service, [main]));
    expect([main, ...workers].filter(isAlive)).toEqual([]);
  });

  test('when one exits by itself, one on SIGTERM and one ignores SIGTERM, only the last gets SIGKILL', async () => {
    const crew = new Crew([WORKER.follower, WORKER.plain, WORKER.stubborn]);
    await crew.startSeen();
    const { main, workers, service } = crew;
    const [, plain = 0, stubborn = 0] = workers;
    expect(await force(crew)).toEqual([
      ...sent(ABRT, service, [main]),
      ...sent(TERM, service, [plain, stubborn]),
      ...sent('SIGKILL', service, [stubborn]),
    ]);
    expect(workers.filter(isAlive)).toEqual([]);
  });

  test('when the main process was killed before, they get SIGTERM and no SIGABRT', async () => {
    const crew = new Crew([WORKER.plain, WORKER.plain]);
    await crew.startSeen();
    const { workers, service } = crew;
    await crew.killMain();
    expect(await force(crew)).toEqual(sent(TERM, service, workers));
  });

  test('when the first run of all is a forced one, the snapshot is stored before anything is signalled', async () => {
    const crew = new Crew([WORKER.plain, WORKER.stubborn]);
    await crew.start();
    const { main, workers, service } = crew;
    // The run stops halfway: the main process removes the runfile when it gets its signal, and the workers stay.
    crew.tell(`trap 'rm ${service.runfile}; exit' ABRT; : >${service.path('trapped')}`);
    await until('the trap is set', () => existsSync(service.path('trapped')));
    writeFileSync(service.forceFile, '');
    expect((await sipwd(crew.args)).status).toBe(0);
    expect([main, ...workers].filter(isAlive)).toEqual(workers);
    writeFileSync(service.runfile, '');
    expect((await sipwd([...SOON, ...crew.args])).status).toBe(0);
    expect(workers.filter(isAlive)).toEqual([]);
  });
});

test('when a main process still runs, its present workers are stopped with it, without any snapshot', async () => {
  const crew = new Crew([WORKER.plain, WORKER.plain]);
  await crew.start();
  const { main, workers, service } = crew;
  writeFileSync(crew.pidfile, `${main} ${NO_PID}\n`);
  const run = await sipwd(crew.args);
  expect(run.status).toBe(0);
  expect(run.linesOf('sent')).toEqual(sent(TERM, service, [main, ...workers]));
  expect([main, ...workers].filter(isAlive)).toEqual([]);
});
