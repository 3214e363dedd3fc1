import { copyFileSync, existsSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { ABRT, Crew, SOON, sent, TERM, WORKER } from '../support/crew.ts';
import { isAlive } from '../support/process.ts';
import { sipwd } from '../support/sipwd.ts';

const NO_PID = 4_194_303;

/** What was signalled when it is restarted by force, and by what. */
async function force(crew: Crew, options: readonly string[] = []): Promise<string[]> {
  writeFileSync(crew.service.forceFile, '');
  const run = await sipwd([...SOON, ...options, ...crew.args]);
  expect(run.status).toBe(0);
  expect(existsSync(crew.service.forceFile)).toBe(false);
  const start = run.said.findIndex((line) => line.startsWith('starting '));
  expect(run.said.slice(start).filter((line) => line.startsWith('sent'))).toEqual([]);
  return run.said.filter((line) => line.startsWith('sent'));
}

describe('workers in a forced restart', () => {
  for (const seen of [true, false]) {
    test(`when it was ${seen ? '' : 'never '}seen healthy before, only the main process gets SIGABRT, then its workers SIGTERM`, async () => {
      const crew = new Crew([WORKER.plain, WORKER.plain]);
      await (seen ? crew.startSeen() : crew.start());
      const { main, workers } = crew;
      expect(await force(crew)).toEqual([...sent(ABRT, crew, [main]), ...sent(TERM, crew, workers)]);
      expect([main, ...workers].filter(isAlive)).toEqual([]);
      await crew.complete();
    });
  }

  test('when they follow their main process by themselves, they get nothing', async () => {
    const crew = new Crew([WORKER.follower, WORKER.follower]);
    await crew.startSeen();
    const { main, workers } = crew;
    expect(await force(crew)).toEqual(sent(ABRT, crew, [main]));
    expect([main, ...workers].filter(isAlive)).toEqual([]);
  });

  test('when they take a moment to follow, they are given it', async () => {
    const crew = new Crew([WORKER.slowFollower, WORKER.slowFollower]);
    copyFileSync('/bin/sh', crew.worker);
    await crew.startSeen();
    const { main, workers } = crew;
    expect(await force(crew)).toEqual(sent(ABRT, crew, [main]));
    expect([main, ...workers].filter(isAlive)).toEqual([]);
  });

  test('when one follows, one stays and one hangs, they get nothing, SIGTERM, and SIGTERM and SIGKILL', async () => {
    const crew = new Crew([WORKER.follower, WORKER.plain, WORKER.stubborn]);
    await crew.startSeen();
    const { main, workers } = crew;
    const [, plain = 0, stubborn = 0] = workers;
    expect(await force(crew)).toEqual([
      ...sent(ABRT, crew, [main]),
      ...sent(TERM, crew, [plain, stubborn]),
      ...sent('SIGKILL', crew, [stubborn]),
    ]);
    expect(workers.filter(isAlive)).toEqual([]);
  });

  test('when the main process was killed before, they get SIGTERM and no SIGABRT', async () => {
    const crew = new Crew([WORKER.plain, WORKER.plain]);
    await crew.startSeen();
    const { workers } = crew;
    await crew.killMain();
    expect(await force(crew)).toEqual(sent(TERM, crew, workers));
  });

  test('when the first run of all is a forced one, what it saw is written down before anything is signalled', async () => {
    const crew = new Crew([WORKER.plain, WORKER.stubborn]);
    await crew.start();
    const { main, workers } = crew;
    writeFileSync(crew.service.forceFile, '');
    // It gives up half-way: the runfile goes with the first signal, and the workers stay.
    crew.service.write(
      'logger',
      `#!/bin/sh\ncase "$*" in *'sent SIGABRT'*) rm -f ${crew.service.runfile};; esac\n`,
      0o755,
    );
    const env = { SIPLOG_BEND: 'syslog', PATH: `${crew.service.dir}:${process.env.PATH}` };
    expect((await sipwd([...SOON, ...crew.args], { env })).status).toBe(0);
    expect([main, ...workers].filter(isAlive)).toEqual(workers);
    writeFileSync(crew.service.runfile, '');
    expect((await sipwd([...SOON, ...crew.args])).status).toBe(0);
    expect(workers.filter(isAlive)).toEqual([]);
  });
});

test('when a part of a service runs on, its present workers are ended with it, seen before or not', async () => {
  const crew = new Crew([WORKER.plain, WORKER.plain]);
  await crew.start();
  const { main, workers } = crew;
  writeFileSync(crew.pidfile, `${main} ${NO_PID}\n`);
  const run = await sipwd(crew.args);
  expect(run.status).toBe(0);
  expect(run.said.filter((line) => line.startsWith('sent'))).toEqual(sent(TERM, crew, [main, ...workers]));
  expect([main, ...workers].filter(isAlive)).toEqual([]);
});
