import { readdirSync } from 'node:fs';
import { basename } from 'node:path';
import { expect, test } from 'vitest';
import { messages } from '../../../src/log/messages.ts';
import { because } from '../../../src/log/reasons.ts';
import { startMany } from '../../support/many.ts';
import { lineOf, sent, TERM } from '../../support/messages.ts';
import { exeOf, isAlive, start } from '../../support/process.ts';
import { testService } from '../../support/service.ts';
import { check, QUIET, sipwd } from '../../support/sipwd.ts';
import { until } from '../../support/wait.ts';

const COUNT = 400;

test('when 400 PIDs run, the service is healthy', async () => {
  const service = testService();
  await startMany(service, COUNT);
  expect(await sipwd(service.args)).toMatchObject(QUIET);
  // With the snapshot of the first run.
  expect(await sipwd(service.args)).toMatchObject(QUIET);
});

test('when one of 400 is gone, the others are stopped and the service is started', async () => {
  const service = testService();
  const pids = await startMany(service, COUNT);
  const [killed = 0] = pids.splice(200, 1);
  process.kill(killed, 'SIGKILL');
  await until('it is gone', () => !isAlive(killed));
  const run = await sipwd(service.args);
  expect(run.status).toBe(0);
  expect(run.linesOf('sent')).toEqual(sent(TERM, service, pids));
  expect(service.processes).toEqual(service.pids);
});

test('when many PIDs are thread IDs, only their processes are running', async () => {
  const service = testService();
  const nodes = Array.from({ length: 8 }, () => start(process.execPath, ['-e', 'setInterval(() => {}, 1e6)']).pid);
  const tasks = () => nodes.flatMap((pid) => readdirSync(`/proc/${pid}/task`).map(Number));
  await until('there are many', () => tasks().length > 40);
  service.writePids(...tasks());
  const run = await check(service, process.execPath);
  expect(run.status).toBe(1);
  expect(run.said[0]).toContain(because.threadId());
  expect(run.linesOf('sent')).toEqual(
    sent(TERM, { binfile: process.execPath, name: basename(process.execPath) }, nodes),
  );
});

test('when one of many runs another binary, the service is down, and that process is not signalled', async () => {
  const service = testService();
  const pids = await startMany(service, COUNT);
  const stranger = start('sleep', ['1000']).pid;
  service.writePids(...pids, stranger);
  const run = await sipwd(['--exit-if-down', ...service.args]);
  expect(run.status).toBe(1);
  const reason = because.otherBinary(exeOf(stranger) ?? '', service.binfile);
  expect(run.said[0]).toBe(lineOf(messages.down(`PID ${stranger} ${reason}`), service.name));
  expect(isAlive(stranger)).toBe(true);
});
