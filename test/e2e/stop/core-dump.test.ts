import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { messages } from '../../../src/log/messages.ts';
import { canSetCorePattern, collector, heldProcess, isCompleteCore, withCorePattern } from '../../support/core.ts';
import { ABRT, lineOf, sent } from '../../support/messages.ts';
import { isAlive, NO_PID, startSleeper } from '../../support/process.ts';
import { testService } from '../../support/service.ts';
import { sipwd, startSipwd } from '../../support/sipwd.ts';
import { until } from '../../support/wait.ts';

describe.skipIf(!canSetCorePattern)('a core (needs root and a writable core_pattern)', () => {
  test('when the limits allow one, a forced restart leaves a complete core', async () => {
    const service = testService();
    const pid = await startSleeper(service.binfile, 'ulimit -c unlimited', { cwd: service.dir });
    service.writePids(pid);
    writeFileSync(service.forceFile, '');
    const run = await withCorePattern('core', () => sipwd(service.args));
    expect(run.status).toBe(0);
    // core, or core.PID with kernel.core_uses_pid
    const [core = ''] = readdirSync(service.dir).filter((name) => /^core(\.\d+)?$/.test(name));
    expect(isCompleteCore(readFileSync(service.path(core)))).toBe(true);
    expect(service.starts).toBe(1);
  });

  test('when a collector is slower than the abort timeout, SIGKILL is held back until it has the whole core', async () => {
    const service = testService();
    await withCorePattern(collector(service), async () => {
      const { pid, release } = await heldProcess(service);
      service.writePids(pid);
      writeFileSync(service.forceFile, '');
      const { run, says } = startSipwd(['--abort-timeout', '0.3', ...service.args]);
      await says(messages.dumpingCore(pid, service.binfile, 300).text);
      const core = await release();
      const { status, events } = await run;
      expect(status).toBe(0);
      expect(events).toEqual(['forcedRestart', 'sent', 'dumpingCore', 'starting', 'started']);
      expect(isCompleteCore(core)).toBe(true);
      expect(service.starts).toBe(1);
    });
  });

  test('when a process dumps core during a clean-up, its core is not cut short', async () => {
    const service = testService();
    await withCorePattern(collector(service), async () => {
      const { pid, release } = await heldProcess(service);
      process.kill(pid, 'SIGSEGV');
      await until('the kernel writes the core', () => isDumping(pid));
      service.writePids(pid, NO_PID);
      const { run, says } = startSipwd(['--term-timeout', '0.3', ...service.args]);
      await says(messages.dumpingCore(pid, service.binfile, 300).text);
      const core = await release();
      const result = await run;
      expect(result.status).toBe(0);
      expect(result.stderr).not.toContain(messages.sent('SIGKILL', pid, service.binfile).text);
      expect(isCompleteCore(core)).toBe(true);
      expect(service.starts).toBe(1);
    });
  });

  test('when the core timeout is over, SIGKILL kills the process and cuts its core', async () => {
    const service = testService();
    await withCorePattern(collector(service), async () => {
      const { pid, release } = await heldProcess(service);
      service.writePids(pid);
      writeFileSync(service.forceFile, '');
      const run = await sipwd(['--abort-timeout', '0.3', '--core-timeout', '0.4', ...service.args]);
      expect(run.status).toBe(0);
      expect(run.said.slice(1, 4)).toEqual([
        ...sent(ABRT, service, [pid]),
        lineOf(messages.dumpingCore(pid, service.binfile, 0.4), service.name),
        ...sent('SIGKILL', service, [pid]),
      ]);
      expect(run.ms).toBeGreaterThan(700);
      expect(isAlive(pid)).toBe(false);
      expect(isCompleteCore(await release())).toBe(false);
      expect(service.starts).toBe(1);
    });
  });

  test('when another process of the service dumps no core, it gets SIGKILL at the abort timeout', async () => {
    const service = testService();
    await withCorePattern(collector(service), async () => {
      const { pid, release } = await heldProcess(service);
      const stubborn = await startSleeper(service.binfile, "trap '' ABRT");
      service.writePids(pid, stubborn);
      writeFileSync(service.forceFile, '');
      const { run, says } = startSipwd(['--abort-timeout', '0.3', ...service.args]);
      await says(messages.sent('SIGKILL', stubborn, service.binfile).text);
      await until(`${stubborn} has exited`, () => !isAlive(stubborn));
      expect(isDumping(pid)).toBe(true);
      expect(service.starts).toBe(0);
      await release();
      expect(await run).toMatchObject({ status: 0 });
      expect(service.starts).toBe(1);
    });
  });
});

function isDumping(pid: number): boolean {
  return /^CoreDumping:\s*1$/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
}
