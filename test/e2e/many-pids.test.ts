import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { startMany } from '../support/many.ts';
import { isAlive, start } from '../support/process.ts';
import { testService } from '../support/service.ts';
import { sipwd } from '../support/sipwd.ts';
import { until } from '../support/wait.ts';

const MANY = 400;

test('when 400 PIDs run, the service is healthy', async () => {
  const service = testService();
  await startMany(service, MANY);
  expect(await sipwd(service.args)).toMatchObject({ status: 0, stderr: '' });
});

test('when one of 400 is gone, the others are ended and the service is started', async () => {
  const service = testService();
  const pids = await startMany(service, MANY);
  process.kill(pids[200] ?? 0, 'SIGKILL');
  await until('it is gone', () => !isAlive(pids[200] ?? 0));
  const run = await sipwd(service.args);
  expect(run.status).toBe(0);
  expect(run.said.filter((line) => line.startsWith('sent SIGTERM'))).toHaveLength(MANY - 1);
  expect(service.processes).toEqual(service.pids);
});

test('when many ids are of threads, they do not count as running processes', async () => {
  const service = testService();
  const nodes = Array.from({ length: 8 }, () => start(process.execPath, ['-e', 'setInterval(() => {}, 1e6)']).pid);
  const threads = () => nodes.flatMap((pid) => readdirSync(`/proc/${pid}/task`).map(Number));
  await until('there are many', () => threads().length > 40);
  service.writePids(...threads());
  const run = await sipwd(['--exit-if-down', service.runfile, process.execPath, service.pidfile, 'true']);
  expect(run.status).toBe(1);
  expect(run.said[0]).toContain(' is the id of a thread, not of a process');
});

test('when one of many runs something else, the service is down', async () => {
  const service = testService();
  const pids = await startMany(service, MANY);
  const stranger = start('sleep', ['1000']).pid;
  service.writePids(...pids, stranger);
  const run = await sipwd(['--exit-if-down', ...service.args]);
  expect(run.status).toBe(1);
  expect(run.said[0]).toMatch(new RegExp(` is down: PID ${stranger} runs \\S+, not `));
  expect(isAlive(stranger)).toBe(true);
});
