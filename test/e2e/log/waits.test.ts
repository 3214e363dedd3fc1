import { copyFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { messages } from '../../../src/log/messages.ts';
import { Crew, SOON, WORKER } from '../../support/crew.ts';
import { lineOf } from '../../support/messages.ts';
import { testService } from '../../support/service.ts';
import { sipwd } from '../../support/sipwd.ts';

const env = { SIPLOG_LVL: 'DBUG' };

test('when the pidfile is empty, the wait until it is read again is logged at DBUG', async () => {
  const service = testService();
  writeFileSync(service.pidfile, '');
  const { status, linesOf } = await sipwd(['--exit-if-down', ...service.args], { env });
  expect(status).toBe(1);
  const wait = lineOf(messages.waiting('the empty pidfile is read again', 0.2), service.name);
  expect(new Set(linesOf('waiting'))).toEqual(new Set([wait]));
});

test('when workers exit a moment after an aborted main process, the wait for them is logged at DBUG', async () => {
  const crew = new Crew([WORKER.slowFollower]);
  copyFileSync('/bin/sh', crew.worker);
  await crew.startSeen();
  writeFileSync(crew.service.forceFile, '');
  const { status, linesOf } = await sipwd([...SOON, '--exit-if-down', ...crew.args], { env });
  expect(status).toBe(1);
  const waits = [messages.waiting('the processes have exited', 0.3), messages.waiting('the workers have exited', 1)];
  expect(linesOf('waiting')).toEqual(waits.map((wait) => lineOf(wait, crew.service.name)));
});
