import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { canSetCorePattern, isCompleteCore, withCorePattern } from '../../support/core.ts';
import { Hook } from '../../support/hook.ts';
import { startSleeper } from '../../support/process.ts';
import { type TestService, testService } from '../../support/service.ts';
import { sipwd } from '../../support/sipwd.ts';

/** Restarts a service that may dump core. */
async function restart(service: TestService, pattern: string) {
  const cwd = service.path('cwd');
  mkdirSync(cwd);
  const pid = await startSleeper(service.binfile, 'ulimit -c unlimited', { cwd });
  service.writePids(pid);
  writeFileSync(service.forceFile, '');
  const hook = new Hook(service);
  const run = await withCorePattern(pattern, () => sipwd(['--on-event', hook.command, ...service.args]));
  expect(run.status).toBe(0);
  expect(hook.events).toEqual(['restarted']);
  return { pid, cwd, core: hook.calls[0]?.CORE };
}

describe.skipIf(!canSetCorePattern)('SIPWD_CORE (needs root and a writable core_pattern)', () => {
  test('when the core is in the working directory of the process, it is its path', async () => {
    const { cwd, core = '' } = await restart(testService(), 'core');
    expect(core).toMatch(new RegExp(`^${cwd}/core(\\.\\d+)?$`));
    expect(isCompleteCore(readFileSync(core))).toBe(true);
  });

  test('when core_pattern has a directory, with the time and the PID in the name, it is that path', async () => {
    const service = testService();
    const { pid, core } = await restart(service, `${service.dir}/%e[%t].%p`);
    expect(core).toMatch(new RegExp(`^${service.dir}/${service.name}\\[\\d+\\]\\.${pid}$`));
  });

  test('when a program collects the cores, there is none', async () => {
    const service = testService();
    service.write('cat', '#!/bin/sh\nexec cat >/dev/null\n', 0o755);
    expect((await restart(service, `|${service.path('cat')}`)).core).toBeUndefined();
  });
});
