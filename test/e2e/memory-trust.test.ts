import { chmodSync, chownSync, lchownSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { Crew, WORKER } from '../support/crew.ts';
import { isAlive } from '../support/process.ts';
import { sipwd } from '../support/sipwd.ts';
import { isRoot, NOBODY } from '../support/user.ts';

describe.skipIf(!isRoot)('the trust in what was seen (needs root)', () => {
  /** Its workers have outlived it; what is done to the pidfile before and after sipwd looked on. */
  async function fallen(before: (pidfile: string) => void, after: (pidfile: string) => void = () => undefined) {
    const crew = new Crew([WORKER.plain, WORKER.plain]);
    await crew.start();
    before(crew.pidfile);
    await crew.look();
    await crew.killMain();
    after(crew.pidfile);
    return crew;
  }

  async function expectRefused(crew: Crew, why: RegExp): Promise<void> {
    const { workers } = crew;
    const run = await sipwd(crew.args);
    expect(run.status).toBe(4);
    expect(run.said.at(-1)).toMatch(/^cannot signal \S+ on the word of \S+one\.pid, so nothing was started: /);
    expect(run.said.at(-1)).toMatch(why);
    expect(crew.workers).toEqual(workers);
    expect(workers).toHaveLength(2);
  }

  test('when everybody can write the pidfile, no worker is signalled: exit 4, no start; mended, it is done', async () => {
    const crew = await fallen((pidfile) => chmodSync(pidfile, 0o666));
    const { workers } = crew;
    await expectRefused(crew, /: everybody can write it; chmod o-w \S+one\.pid$/);
    chmodSync(crew.pidfile, 0o644);
    expect((await sipwd(crew.args)).status).toBe(0);
    expect(workers.filter(isAlive)).toEqual([]);
  });

  test('when another user owns the pidfile and the workers are not that user, it is the same', async () => {
    const crew = await fallen((pidfile) => chownSync(pidfile, NOBODY, 0));
    await expectRefused(crew, /owned by uid 65534, but PID \d+ is not that user's/);
  });

  /** As without a memory: the service is started, and nobody is signalled. */
  async function expectForgotten(crew: Crew, args: readonly string[] = crew.args): Promise<void> {
    const { workers } = crew;
    expect(workers).toHaveLength(2);
    const run = await sipwd(args);
    expect(run.said.filter((line) => line.startsWith('sent '))).toEqual([]);
    expect(run.said.some((line) => line.startsWith('starting '))).toBe(true);
    expect(workers.filter(isAlive)).toEqual(workers);
  }

  test('when whoever could write the pidfile then has removed it, what was seen is not believed', async () => {
    const crew = await fallen(
      (pidfile) => chownSync(pidfile, NOBODY, 0),
      (pidfile) => rmSync(pidfile),
    );
    await expectForgotten(crew);
  });

  test('when whoever could write the pidfile then has put one in its place that can be trusted, what was seen is not believed', async () => {
    const replace = (pidfile: string) => {
      rmSync(pidfile);
      writeFileSync(pidfile, '');
    };
    const crew = await fallen((pidfile) => chmodSync(pidfile, 0o666), replace);
    await expectForgotten(crew);
  });

  test('when root alone could write the pidfile and it is gone, the workers are ended', async () => {
    const crew = await fallen(
      () => undefined,
      (pidfile) => rmSync(pidfile),
    );
    const { workers } = crew;
    expect((await sipwd(crew.args)).status).toBe(0);
    expect(workers.filter(isAlive)).toEqual([]);
  });

  test('when the pidfile was reached by a link of another user, who has removed it, what was seen is not believed', async () => {
    const crew = new Crew([WORKER.plain, WORKER.plain]);
    await crew.start();
    const link = crew.service.path('link.pid');
    symlinkSync(crew.pidfile, link);
    lchownSync(link, NOBODY, NOBODY);
    const args = crew.args.with(2, link);
    expect(await sipwd(args)).toMatchObject({ status: 0, stderr: '' });
    await crew.killMain();
    rmSync(link);
    await expectForgotten(crew, ['--start-timeout', '0', ...args]);
  });
});
