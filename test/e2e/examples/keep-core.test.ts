import { chmodSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { canSetCorePattern, isCompleteCore, withCorePattern } from '../../support/core.ts';
import { hookOf, runHook } from '../../support/example-hook.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { isAlive, start, startSleeper } from '../../support/process.ts';
import { testService } from '../../support/service.ts';
import { sipwd } from '../../support/sipwd.ts';
import { until } from '../../support/wait.ts';

const SILENT = { status: 0, said: '' };

/** Writes a core, and has it kept in a directory. */
function keep(folder: string, content: string, changes: Readonly<Record<string, string>> = {}) {
  const core = join(folder, 'core.4711');
  writeFileSync(core, content);
  return runHook('sipwd-keep-core', [join(folder, 'kept')], { SIPWD_CORE: core, ...changes });
}

/** The cores that were kept, in the order of their names. */
function contents(folder: string): string[] {
  const kept = join(folder, 'kept');
  return readdirSync(kept)
    .sort()
    .map((name) => readFileSync(join(kept, name), 'utf8'));
}

test('when a forced restart leaves a core, it is moved away, where other users cannot read it', async () => {
  const folder = temporaryFolder();
  expect(await keep(folder, 'one')).toEqual(SILENT);
  expect(readdirSync(folder)).toEqual(['kept']);
  expect(readdirSync(join(folder, 'kept'))).toEqual([expect.stringMatching(/^kamailio@\d{8}T\d{6}Z\.\d+\.core$/)]);
  expect(contents(folder)).toEqual(['one']);
  expect(statSync(join(folder, 'kept')).mode & 0o777).toBe(0o700);
});

test.skipIf(!canSetCorePattern)(
  'when sipwd restarts a service by force, its complete core is moved away (needs root and a writable core_pattern)',
  async () => {
    const service = testService();
    service.writePids(await startSleeper(service.binfile, 'ulimit -c unlimited', { cwd: service.dir }));
    writeFileSync(service.forceFile, '');
    const hook = `${hookOf('sipwd-keep-core')} ${service.path('kept')}`;
    const run = await withCorePattern('core', () => sipwd(['--on-event', hook, ...service.args]));
    expect(run).toMatchObject({ status: 0, events: ['forcedRestart', 'sent', 'starting', 'started'] });
    const [core = '', ...others] = readdirSync(service.path('kept'));
    expect(core.split('@')[0]).toBe(service.name);
    expect(isCompleteCore(readFileSync(service.path(`kept/${core}`)))).toBe(true);
    expect([...others, ...readdirSync(service.dir).filter((name) => name.startsWith('core'))]).toEqual([]);
  },
);

test('when sipwd ends the hook during a copy, the rest of the copy is removed, and the core stays', async () => {
  const folder = temporaryFolder({ core: 'whole', mv: '#!/bin/sh\nprintf half >"$3"\nexec sleep 1000\n' });
  chmodSync(join(folder, 'mv'), 0o755);
  const env = {
    ...process.env,
    PATH: `${folder}:/usr/bin:/bin`,
    SIPWD_NAME: 'kamailio',
    SIPWD_CORE: join(folder, 'core'),
  };
  const kept = join(folder, 'kept');
  const hook = start(hookOf('sipwd-keep-core'), [kept], { env, detached: true });
  await until('mv copies', () => existsSync(kept) && readdirSync(kept).length === 1);
  process.kill(-hook.pid, 'SIGTERM');
  await until('the hook has ended', () => !isAlive(hook.pid));
  expect(readdirSync(kept)).toEqual([]);
  expect(readFileSync(join(folder, 'core'), 'utf8')).toBe('whole');
});

test('when there are more than five, the oldest are removed, and those of other services stay', async () => {
  const old = [1, 2, 3, 4, 5, 6].map((day) => [`kept/kamailio@2024010${day}T000000Z.9.core`, String(day)]);
  const others = ['kamailio-2', 'my-kamailio', 'kamailio_'].map((name) => [
    `kept/${name}@20240101T000000Z.9.core`,
    name,
  ]);
  const folder = temporaryFolder(Object.fromEntries([...old, ...others]));
  expect(await keep(folder, '7')).toEqual(SILENT);
  expect(contents(folder)).toEqual(['kamailio-2', '3', '4', '5', '6', '7', 'kamailio_', 'my-kamailio']);
});

test('when a name contains slashes, blanks or dots only, its cores stay in the directory', async () => {
  const folder = temporaryFolder();
  for (const name of ['../../a b@c', '..', '-rf'])
    expect(await keep(folder, name, { SIPWD_NAME: name })).toEqual(SILENT);
  expect(readdirSync(join(folder, 'kept')).map((name) => name.split('@')[0])).toEqual(
    expect.arrayContaining(['.._.._a_b_c', '..', '-rf']),
  );
});

test('when there is no core, nothing is done', async () => {
  const folder = temporaryFolder();
  expect(await runHook('sipwd-keep-core', [join(folder, 'kept')])).toEqual(SILENT);
  expect(readdirSync(folder)).toEqual([]);
});

test('when a core cannot be moved, none is removed, and the hook fails', async () => {
  const old = [1, 2, 3, 4, 5, 6].map((day) => [`kept/kamailio@2024010${day}T000000Z.9.core`, String(day)]);
  const folder = temporaryFolder(Object.fromEntries(old));
  const { status, said } = await runHook('sipwd-keep-core', [join(folder, 'kept')], {
    SIPWD_CORE: join(folder, 'gone'),
  });
  expect({ status, said }).toEqual({ status: 1, said: expect.stringContaining('gone') });
  expect(contents(folder)).toHaveLength(6);
});
