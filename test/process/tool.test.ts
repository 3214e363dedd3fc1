import { closeSync, openSync } from 'node:fs';
import { expect, test } from 'vitest';
import { runTool } from '../../src/process/tool.ts';
import { start } from '../support/process.ts';
import { testService } from '../support/service.ts';
import { until } from '../support/wait.ts';

const TIMEOUT = 10_000;

test('when a program exits, its status and its output are returned', async () => {
  const script = 'pwd; cat; echo lost >&2; exit 3';
  const result = await runTool('sh', ['-c', script], { input: 'said', timeout: TIMEOUT });
  expect(result).toEqual({ status: 3, stdout: '/\nsaid', errno: undefined });
});

test('when a program reads nothing of a long input, that is no failure', async () => {
  const result = await runTool('true', [], { input: 'x'.repeat(1_000_000), timeout: TIMEOUT });
  expect(result).toEqual({ status: 0, stdout: '', errno: undefined });
});

test('when there is a descriptor, it is the standard input of the program', async () => {
  const descriptor = openSync(testService().write('in', 'content'), 'r');
  try {
    expect(await runTool('cat', [], { descriptor, timeout: TIMEOUT })).toMatchObject({ status: 0, stdout: 'content' });
  } finally {
    closeSync(descriptor);
  }
});

test('when there is no such program, the result says so', async () => {
  // A name without a path would be EACCES for a user who may not search a directory of PATH.
  expect(await runTool('/no-such-tool', [], { timeout: TIMEOUT })).toMatchObject({
    status: undefined,
    errno: 'ENOENT',
  });
});

test('when a signal kills the program, there is no status', async () => {
  const result = await runTool('sh', ['-c', 'kill -TERM $$'], { timeout: TIMEOUT });
  expect(result).toMatchObject({ status: undefined, errno: 'SIGTERM' });
});

test('when the program does not exit in time, it is killed', async () => {
  const service = testService();
  const result = await runTool(service.binfile, ['1000'], { timeout: 50 });
  expect(result).toMatchObject({ status: undefined, errno: 'ETIMEDOUT' });
  await until('it is killed', () => service.processes.length === 0);
});

test('when the time is up while sipwd itself stood still, and the program has exited meanwhile, its status counts', async () => {
  const { pid } = process;
  start('/bin/sh', ['-c', `sleep 0.1; kill -STOP ${pid}; sleep 0.5; kill -CONT ${pid}`]);
  const tool = runTool('sh', ['-c', 'sleep 0.2; echo done; exit 7'], { timeout: 400 });
  expect(await tool).toEqual({ status: 7, stdout: 'done\n', errno: undefined });
});
