import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, test } from 'vitest';
import { Procfs } from '../../../src/process/procfs.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { folderOf, isRoot, NOBODY } from '../../support/user.ts';
import { until } from '../../support/wait.ts';

const STAGES = 6;

/** Tests that change it lock it: it must stay the same during a demo. */
const CORE_PATTERN = '/proc/sys/kernel/core_pattern';

/** What a copy of the demo needs. */
const PARTS = ['demo', 'bin', 'dist', 'package.json', 'node_modules/get-port'];

interface Where {
  readonly cwd?: string;
  readonly detached?: boolean;
}

function demo(temporary: string, command = [process.execPath, 'demo/demo.mjs'], where: Where = {}) {
  return execa('flock', ['--shared', '--no-fork', CORE_PATTERN, ...command], {
    reject: false,
    env: { TMPDIR: temporary },
    ...where,
  });
}

/** What is left of a demo: files in its directory, and processes with that directory in their environment. */
async function leftovers(temporary: string): Promise<string[]> {
  const proc = new Procfs();
  const pids = proc.processes().map(({ pid }) => pid);
  const marked = await proc.withEnvironment(pids, `SIPWD_DEMO=${temporary}/`);
  return [...readdirSync(temporary), ...marked.map(String)];
}

/** A copy of the demo and what it needs, which every user can read. */
function copyOfProject(): string {
  const copy = temporaryFolder();
  chmodSync(copy, 0o755);
  for (const part of PARTS) cpSync(part, join(copy, part), { recursive: true });
  return copy;
}

describe('the demo', () => {
  test('when every stage succeeds, the exit status is 0 and nothing is left', async () => {
    const temporary = temporaryFolder();
    const { exitCode, stdout, stderr } = await demo(temporary);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout.match(/^\d\. .*$/gm)).toHaveLength(STAGES);
    expect(stdout.match(/^Result: /gm)?.length).toBeGreaterThanOrEqual(STAGES);
    expect(await leftovers(temporary)).toEqual([]);
  });

  test('when no core can be dumped, it says why, and the restart still works', async () => {
    const { exitCode, stdout } = await demo(temporaryFolder(), ['sh', '-c', 'ulimit -c 0; exec node demo/demo.mjs']);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^This demo shows no core: /m);
    expect(stdout).toMatch(/^Result: web\.restart is removed/m);
  });

  test('when it is interrupted, it kills what it has started and removes its files', async () => {
    const temporary = temporaryFolder();
    const running = demo(temporary, undefined, { detached: true });
    const started = () => readdirSync(temporary).some((folder) => existsSync(join(temporary, folder, 'web.pid')));
    await until('a service runs', started);
    // As a terminal does for Ctrl-C: to the whole process group.
    process.kill(-(running.pid ?? 0), 'SIGINT');
    expect((await running).exitCode).toBe(130);
    expect(await leftovers(temporary)).toEqual([]);
  });

  test('when sipwd does not do what the demo says, the demo says so and its exit status is 1', async () => {
    const temporary = temporaryFolder();
    const copy = copyOfProject();
    writeFileSync(join(copy, 'bin/sipwd'), '#!/bin/sh\necho starting\nsleep 1000 </dev/null >/dev/null 2>&1 &\n');
    const { exitCode, stderr } = await demo(temporary, [process.execPath, join(copy, 'demo/demo.mjs')]);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^\nThe demo failed: expected, but not observed: an answer at port \d+$/);
    expect(await leftovers(temporary)).toEqual([]);
  });

  test.skipIf(!isRoot)('when an ordinary user runs it, it succeeds and leaves nothing (needs root)', async () => {
    const temporary = folderOf(NOBODY);
    const user = ['setpriv', `--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups'];
    const command = [...user, process.execPath, join(copyOfProject(), 'demo/demo.mjs')];
    const { exitCode, stderr } = await demo(temporary, command, { cwd: '/' });
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(await leftovers(temporary)).toEqual([]);
  });

  test.skipIf(!isRoot)(
    'when root runs it, no lock or snapshot of its services is left in /run (needs root)',
    async () => {
      const run = temporaryFolder();
      mkdirSync(join(run, 'sipwd'), { mode: 0o700 });
      writeFileSync(join(run, 'sipwd/of-another-service'), '');
      // Its own /run: other tests use the one of the machine.
      const script = `mount --bind ${run} /run && exec ${process.execPath} demo/demo.mjs`;
      const { exitCode } = await demo(temporaryFolder(), ['unshare', '--mount', 'sh', '-c', script]);
      expect(exitCode).toBe(0);
      expect(readdirSync(join(run, 'sipwd'))).toEqual(['of-another-service']);
    },
  );
});
