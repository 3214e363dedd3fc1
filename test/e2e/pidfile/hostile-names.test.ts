import { expect, test } from 'vitest';
import { sent, TERM } from '../../support/messages.ts';
import { commOf, isAlive, NO_PID, start } from '../../support/process.ts';
import { testService } from '../../support/service.ts';
import { sipwd } from '../../support/sipwd.ts';
import { until } from '../../support/wait.ts';

test('when the name of a process is CR and a CoreDumping line, its SIGKILL is not held back', async () => {
  const service = testService();
  service.copy('/bin/sh', service.name);
  const script = `trap '' TERM; printf '\\rCoreDumping:\\t1' >/proc/$$/comm; while :; do sleep 1; done`;
  const { pid } = start(service.binfile, ['-c', script]);
  await until('it has its name', () => commOf(pid)?.startsWith('\rCoreDumping'));
  service.writePids(pid, NO_PID);
  const times = ['--term-timeout', '0.2', '--core-timeout', '1', '--start-timeout', '0'];
  const run = await sipwd([...times, ...service.args]);
  expect(run.events).toEqual(['down', 'sent', 'sent', 'starting']);
  expect(run.linesOf('sent')).toEqual([...sent(TERM, service, [pid]), ...sent('SIGKILL', service, [pid])]);
  expect(isAlive(pid)).toBe(false);
});
