import { copyFileSync, renameSync, symlinkSync, unlinkSync } from 'node:fs';
import { expect, test } from 'vitest';
import { messages } from '../../../src/log/messages.ts';
import { because } from '../../../src/log/reasons.ts';
import { lineOf } from '../../support/messages.ts';
import { start } from '../../support/process.ts';
import { testService } from '../../support/service.ts';
import { check, QUIET } from '../../support/sipwd.ts';

/** A service whose process runs a program of this name, under a title that does not match. */
function running(name: string) {
  const service = testService();
  const program = service.copy(service.binfile, name);
  const { pid } = start(program, ['1000'], { argv0: 'worker: idle' });
  service.writePids(pid);
  return { service, program, pid };
}

/** As a package manager does it: the new file takes the name of the old one. */
function replace(program: string): void {
  copyFileSync('/bin/cat', `${program}.new`);
  renameSync(`${program}.new`, program);
}

test('when the binary is deleted under the process, the process is running', async () => {
  const { service, program } = running('daemon');
  unlinkSync(program);
  expect(await check(service, program)).toMatchObject(QUIET);
});

test('when the binary is replaced, as by an upgrade, the process is running', async () => {
  const { service, program } = running('daemon');
  replace(program);
  expect(await check(service, program)).toMatchObject(QUIET);
});

test('when the binary behind a symbolic link is replaced, the process is running', async () => {
  const { service, program } = running('daemon-2');
  symlinkSync(program, service.path('daemon'));
  replace(program);
  expect(await check(service, service.path('daemon'))).toMatchObject(QUIET);
});

test('when a binary of another name is deleted, the process is gone, and the reason says (deleted)', async () => {
  const { service, program, pid } = running('other');
  unlinkSync(program);
  const run = await check(service, service.binfile);
  expect(run.status).toBe(1);
  const reason = because.otherBinary(`${program} (deleted)`, service.binfile);
  expect(run.said[0]).toBe(lineOf(messages.down(`PID ${pid} ${reason}`), service.name));
});

test('when the name of the binary itself ends in (deleted), only the whole name matches', async () => {
  const { service, program } = running('daemon (deleted)');
  expect(await check(service, '/nonexistent/daemon (deleted)')).toMatchObject(QUIET);
  expect((await check(service, service.path('daemon'))).status).toBe(1);
  unlinkSync(program);
  expect(await check(service, program)).toMatchObject(QUIET);
  expect((await check(service, service.path('daemon'))).status).toBe(1);
});
