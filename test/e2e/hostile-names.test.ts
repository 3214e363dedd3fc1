import { copyFileSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { isAlive, start } from '../support/process.ts';
import { testService } from '../support/service.ts';
import { sipwd } from '../support/sipwd.ts';
import { until } from '../support/wait.ts';

const NO_PID = 4_194_303;

test('when a process names itself like a line of its status, CR and CoreDumping, its SIGKILL is not held back', async () => {
  const service = testService();
  copyFileSync('/bin/sh', service.binfile);
  const script = `trap '' TERM; printf '\\rCoreDumping:\\t1' >/proc/$$/comm; while :; do sleep 1; done`;
  const { pid } = start(service.binfile, ['-c', script]);
  await until('it has its name', () => readFileSync(`/proc/${pid}/comm`, 'latin1').startsWith('\rCoreDumping'));
  service.writePids(pid, NO_PID);
  const times = ['--term-timeout', '0.2', '--core-timeout', '1', '--start-timeout', '0'];
  const run = await sipwd([...times, ...service.args]);
  expect(run.said.slice(1, 3)).toEqual([
    `sent SIGTERM and SIGCONT to PID ${pid} (${service.binfile})`,
    `sent SIGKILL to PID ${pid} (${service.binfile})`,
  ]);
  expect(isAlive(pid)).toBe(false);
});
