import { writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { toService } from '../../src/args/service.ts';
import { DEFAULT_SETTINGS } from '../../src/args/settings.ts';
import { EXIT } from '../../src/exit.ts';
import { Journal } from '../../src/log/log.ts';
import { because } from '../../src/log/reasons.ts';
import { Procfs } from '../../src/process/procfs.ts';
import type { Reading } from '../../src/process/reader.ts';
import type { ProcessStat } from '../../src/process/stat.ts';
import { verify } from '../../src/steps/verify.ts';
import { ABSENT, Altered, OTHER_PROGRAM, REFUSED } from '../support/altered.ts';
import { OURS } from '../support/observation.ts';
import { NO_PID, startSleeper } from '../support/process.ts';
import { contextWith, seen } from '../support/seen.ts';
import { type TestService, testService } from '../support/service.ts';

/** Long before the 2 s after which an exiting process is unknown. */
const READS = 5;

function verified({ args }: TestService, proc: Procfs) {
  const service = toService(args, { ...DEFAULT_SETTINGS, snapshot: 'none' });
  return verify(service, contextWith(proc), { isEnabled: true, lock: undefined, progress: undefined });
}

/** A /proc in which one process has released its memory, and so has no binary; after some reads it may be gone. */
class Exiting extends Altered {
  #reads = 0;

  constructor(
    private readonly exiting: number,
    private readonly isGoneAfter: number,
  ) {
    super(exiting, { exe: ABSENT });
  }

  override stat(pid: number): Reading<ProcessStat> {
    const real = super.stat(pid);
    if (pid !== this.exiting || real.kind !== 'read') return real;
    if (this.#reads++ < this.isGoneAfter) return real;
    return { kind: 'read', value: { ...real.value, state: 'Z' } };
  }
}

describe('a process in the pidfile that is exiting', () => {
  test('when it exits a moment later, it is gone, and no longer unknown', async () => {
    const service = testService();
    const pid = await startSleeper(service.binfile);
    service.writePids(pid);
    const { health } = await verified(service, new Exiting(pid, READS));
    expect(health).toMatchObject({ kind: 'down', gone: [{ pid, cause: 'zombie' }] });
  });

  test('when it is still exiting after two seconds, it is unknown', async () => {
    const service = testService();
    const pid = await startSleeper(service.binfile);
    service.writePids(pid);
    const began = performance.now();
    const { health } = await verified(service, new Exiting(pid, Number.POSITIVE_INFINITY));
    expect(health).toMatchObject({ kind: 'unknown', unknown: [{ pid, why: because.noBinary() }] });
    expect(performance.now() - began).toBeGreaterThan(1990);
  });
});

test('when the pidfile is empty, it is read a second time after 200 ms', async () => {
  const service = testService();
  const pid = await startSleeper(service.binfile);
  writeFileSync(service.pidfile, '');
  const began = performance.now();
  const found = verified(service, new Procfs());
  // The first read is over when verify() returns its promise.
  service.writePids(pid);
  expect((await found).health).toMatchObject({ kind: 'healthy', running: [{ pid }] });
  expect(performance.now() - began).toBeGreaterThan(190);
});

test('when a process is exiting, the wait for its exit is logged once at DBUG', async () => {
  const files = testService();
  const pid = await startSleeper(files.binfile);
  files.writePids(pid);
  const said: string[] = [];
  const journal = new Journal(true);
  journal.open(
    () =>
      ({ message: { event, level, text } }) =>
        event === 'waiting' && said.push(`${level}: ${text}`),
  );
  const context = { ...contextWith(new Altered(pid, { exe: ABSENT })), log: journal.about() };
  const service = toService(files.args, { ...DEFAULT_SETTINGS, snapshot: 'none' });
  const { health } = await verify(service, context, { isEnabled: true, lock: undefined, progress: undefined });
  expect(health.kind).toBe('unknown');
  expect(said).toEqual(['debug: waiting up to 2 s until the process that is exiting has exited']);
});

test('when the snapshot names a process that can no longer be examined, that is an error: exit 5', async () => {
  const { crew, main } = await seen();
  writeFileSync(crew.pidfile, `${NO_PID}\n`);
  const proc = new Altered(main.pid, { ...OTHER_PROGRAM, argv0: REFUSED });
  const run = { isEnabled: true, lock: OURS, progress: undefined };
  const verifying = verify(toService(crew.args, DEFAULT_SETTINGS), contextWith(proc), run);
  await expect(verifying).rejects.toMatchObject({
    status: EXIT.cannotTell,
    message: expect.stringContaining(`PID ${main.pid} `),
  });
});
