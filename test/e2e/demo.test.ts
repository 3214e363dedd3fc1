import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterEach, describe, expect, test } from 'vitest';
import { until } from '../support/wait.ts';

const STAGES = 6;

/** A test that changes it locks it, and the demo is to find the core where it looked first. */
const CORE_PATTERN = '/proc/sys/kernel/core_pattern';

const NOBODY = 65534;
const isRoot = process.geteuid?.() === 0;

const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** A folder for the temporary files of one demo: what is left in it, and by whom, can be told. */
function ownFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'sipwd-demo-test-'));
  folders.push(folder);
  chmodSync(folder, 0o755);
  return folder;
}

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

/** What a demo has left: files in its folder, and processes, known by the name of that folder in their environment. */
function leftovers(temporary: string): string[] {
  const processes = readdirSync('/proc').filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/environ`, 'utf8').includes(`SIPWD_DEMO=${temporary}/`);
    } catch {
      return false;
    }
  });
  return [...readdirSync(temporary), ...processes];
}

/** A copy of what the demo needs, which everybody can read. */
function copyOfProject(): string {
  const copy = ownFolder();
  for (const part of ['demo', 'bin', 'dist', 'package.json']) cpSync(part, join(copy, part), { recursive: true });
  return copy;
}

describe('the demo', () => {
  test('when all goes well, every stage is seen, the status is 0, and nothing is left', async () => {
    const temporary = ownFolder();
    const { exitCode, stdout, stderr } = await demo(temporary);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout.match(/^\d\. .*$/gm)).toHaveLength(STAGES);
    expect(stdout.match(/^Seen: /gm)?.length).toBeGreaterThanOrEqual(STAGES);
    expect(leftovers(temporary)).toEqual([]);
  });

  test('when no core may be written, it says why, and shows the restart all the same', async () => {
    const { exitCode, stdout } = await demo(ownFolder(), ['sh', '-c', 'ulimit -c 0; exec node demo/demo.mjs']);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^No core can be shown here: /m);
    expect(stdout).toMatch(/^Seen: web\.restart is gone/m);
  });

  test('when it is interrupted, it ends what it has started and removes its files', async () => {
    const temporary = ownFolder();
    const running = demo(temporary, undefined, { detached: true });
    const started = () => readdirSync(temporary).some((folder) => existsSync(join(temporary, folder, 'web.pid')));
    await until('a service runs', started);
    // As the terminal does on Ctrl-C: to all of the group.
    process.kill(-(running.pid ?? 0), 'SIGINT');
    expect((await running).exitCode).toBe(130);
    expect(leftovers(temporary)).toEqual([]);
  });

  test('when sipwd does not do what is told, it says so, and the status is 1', async () => {
    const temporary = ownFolder();
    const copy = copyOfProject();
    writeFileSync(join(copy, 'bin/sipwd'), '#!/bin/sh\necho starting\nsleep 1000 </dev/null >/dev/null 2>&1 &\n');
    const { exitCode, stderr } = await demo(temporary, [process.execPath, join(copy, 'demo/demo.mjs')]);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^\nThe demo has failed here: expected, but not seen: an answer at port \d+$/);
    expect(leftovers(temporary)).toEqual([]);
  });

  test.skipIf(!isRoot)(
    'when a normal user runs it (needs root to become one), it succeeds and leaves nothing',
    async () => {
      const temporary = ownFolder();
      chownSync(temporary, NOBODY, NOBODY);
      const user = ['setpriv', `--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups'];
      const command = [...user, process.execPath, join(copyOfProject(), 'demo/demo.mjs')];
      const { exitCode, stderr } = await demo(temporary, command, { cwd: '/' });
      expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
      expect(leftovers(temporary)).toEqual([]);
    },
  );

  test.skipIf(!isRoot)('when root runs it (needs root), no lock of its services is left in /run', async () => {
    const run = ownFolder();
    mkdirSync(join(run, 'sipwd'), { mode: 0o700 });
    writeFileSync(join(run, 'sipwd/of-another-service'), '');
    // A /run of its own, so that other tests do not come between.
    const script = `mount --bind ${run} /run && exec ${process.execPath} demo/demo.mjs`;
    const { exitCode } = await demo(ownFolder(), ['unshare', '--mount', 'sh', '-c', script]);
    expect(exitCode).toBe(0);
    expect(readdirSync(join(run, 'sipwd'))).toEqual(['of-another-service']);
  });
});
