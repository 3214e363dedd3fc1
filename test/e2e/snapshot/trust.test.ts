import { chmodSync, chownSync, lchownSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { messages } from '../../../src/log/messages.ts';
import { distrust } from '../../../src/log/reasons.ts';
import { Crew, WORKER } from '../../support/crew.ts';
import { lineOf } from '../../support/messages.ts';
import { isAlive } from '../../support/process.ts';
import { sipwd } from '../../support/sipwd.ts';
import { isRoot, NOBODY } from '../../support/user.ts';

describe.skipIf(!isRoot)('trust in the snapshot (needs root)', () => {
  type Change = (pidfile: string) => void;
  const nothing: Change = () => undefined;

  /** A crew whose workers are orphans: `before` changes the pidfile before the healthy check, `after` when it is down. */
  async function orphaned(before: Change, after: Change = nothing) {
    const crew = new Crew([WORKER.plain, WORKER.plain]);
    await crew.start();
    before(crew.pidfile);
    await crew.check();
    await crew.killMain();
    after(crew.pidfile);
    return crew;
  }

  async function expectRefused(crew: Crew, { why, fix }: { why: string; fix: string }): Promise<void> {
    const { workers } = crew;
    const run = await sipwd(crew.args);
    expect(run.status).toBe(4);
    expect(run.said.at(-1)).toBe(lineOf(messages.refused(workers, why, fix), crew.service.name));
    expect(crew.workers).toEqual(workers);
    expect(workers).toHaveLength(2);
  }

  test('when the pidfile is world-writable, no worker is signalled: exit 4, no start; after the fix, they are stopped', async () => {
    const crew = await orphaned((pidfile) => chmodSync(pidfile, 0o666));
    const { workers } = crew;
    await expectRefused(crew, distrust.world(crew.pidfile));
    chmodSync(crew.pidfile, 0o644);
    expect((await sipwd(crew.args)).status).toBe(0);
    expect(workers.filter(isAlive)).toEqual([]);
  });

  test('when another user owns the pidfile, and the workers are not of that user, none is signalled: exit 4', async () => {
    const crew = await orphaned((pidfile) => chownSync(pidfile, NOBODY, 0));
    await expectRefused(crew, distrust.owner(crew.pidfile, NOBODY, crew.workers[0] ?? 0));
  });

  /** A process of the service that may not be stopped: the service is not started beside it. */
  async function expectNotStarted(crew: Crew, reason: string, args: readonly string[] = crew.args): Promise<void> {
    const { workers } = crew;
    expect(workers).toHaveLength(2);
    const run = await sipwd(args);
    expect(run.status).toBe(4);
    expect(run.events).toEqual(['down', 'leftOver', 'refused']);
    const { why, fix } = distrust.recorded(reason, workers.join(','));
    expect(run.said[2]).toBe(lineOf(messages.refused(workers, why, fix), crew.service.name));
    expect(workers.filter(isAlive)).toEqual(workers);
  }

  test('when another user owned the pidfile and it was removed, its workers are not stopped: exit 4', async () => {
    const crew = await orphaned(
      (pidfile) => chownSync(pidfile, NOBODY, 0),
      (pidfile) => rmSync(pidfile),
    );
    await expectNotStarted(crew, distrust.owner(crew.pidfile, NOBODY, crew.workers[0] ?? 0).why);
  });

  test('when the pidfile was world-writable and was replaced by one that is trusted, the workers are not stopped: exit 4', async () => {
    const replace = (pidfile: string) => {
      rmSync(pidfile);
      writeFileSync(pidfile, '');
    };
    const crew = await orphaned((pidfile) => chmodSync(pidfile, 0o666), replace);
    await expectNotStarted(crew, distrust.world(crew.pidfile).why);
  });

  test('when only root could write the pidfile and it was removed, the workers are stopped', async () => {
    const crew = await orphaned(nothing, (pidfile) => rmSync(pidfile));
    const { workers } = crew;
    expect((await sipwd(crew.args)).status).toBe(0);
    expect(workers.filter(isAlive)).toEqual([]);
  });

  test('when a symbolic link of another user led to the pidfile and was removed, the workers are not stopped: exit 4', async () => {
    const crew = new Crew([WORKER.plain, WORKER.plain]);
    await crew.start();
    const link = crew.service.path('link.pid');
    symlinkSync(crew.pidfile, link);
    lchownSync(link, NOBODY, NOBODY);
    const args = crew.args.with(2, link);
    expect(await sipwd(args)).toMatchObject({ status: 0, stderr: '' });
    await crew.killMain();
    rmSync(link);
    await expectNotStarted(crew, distrust.owner(link, NOBODY, crew.workers[0] ?? 0).why, args);
  });
});
