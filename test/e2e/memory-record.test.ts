import { existsSync, lstatSync, mkdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { Crew, recordOf, WORKER } from '../support/crew.ts';
import { kill } from '../support/family.ts';
import { startTimeOf } from '../support/process.ts';
import { sipwd } from '../support/sipwd.ts';

const TWO = [WORKER.plain, WORKER.plain];

/** What tells a file that was written anew. */
const stamp = (path: string) => {
  const { ino, mtimeNs } = lstatSync(path, { bigint: true });
  return { ino, mtimeNs };
};

describe('the record', () => {
  test('when a service is seen healthy, its processes and their workers are in it, each with its start time', async () => {
    const crew = new Crew(TWO);
    await crew.startSeen();
    const record = await recordOf(crew);
    const ids = (pids: readonly number[]) => pids.map((pid) => ({ pid, startTime: Number(startTimeOf(pid)) }));
    expect(JSON.parse(readFileSync(record, 'utf8'))).toMatchObject({
      boot: readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim(),
      processes: ids([crew.main]),
      descendants: ids(crew.workers),
    });
    expect(lstatSync(record).mode).toBe(0o100_600);
  });

  test('when nothing has changed, it is not written again; when a worker was replaced, it is', async () => {
    const crew = new Crew(TWO);
    await crew.startSeen();
    const record = await recordOf(crew);
    const first = stamp(record);
    await crew.look();
    await crew.look();
    expect(stamp(record)).toEqual(first);
    await kill(crew.workers.slice(0, 1));
    await crew.look();
    expect(stamp(record)).not.toEqual(first);
  });

  test('when a force-restart file is ignored, it is written all the same', async () => {
    const crew = new Crew(TWO);
    await crew.start();
    mkdirSync(crew.service.forceFile);
    expect((await sipwd(crew.args)).status).toBe(0);
    expect(existsSync(await recordOf(crew))).toBe(true);
  });

  test('when the service is down or its start has failed, it stays as it was', async () => {
    const crew = new Crew(TWO);
    await crew.startSeen();
    const record = await recordOf(crew);
    const first = stamp(record);
    await crew.killMain();
    expect((await sipwd(crew.args.with(3, 'exit 7'))).status).toBe(3);
    expect(stamp(record)).toEqual(first);
  });

  test('when memory is turned off, it is neither written nor read', async () => {
    const crew = new Crew(TWO);
    await crew.start();
    expect(await sipwd(['--no-memory', ...crew.args])).toMatchObject({ status: 0, stderr: '' });
    expect(existsSync(await recordOf(crew))).toBe(false);
    await crew.look();
    const { workers } = crew;
    await crew.killMain();
    const run = await sipwd(['--no-memory', '-e', ...crew.args]);
    expect(run.status).toBe(1);
    expect(run.stderr).not.toContain('SIG');
    expect(crew.workers).toEqual(workers);
  });
});
