import { copyFileSync, renameSync, symlinkSync, unlinkSync } from 'node:fs';
import { expect, test } from 'vitest';
import { start } from '../support/process.ts';
import { type TestService, testService } from '../support/service.ts';
import { sipwd } from '../support/sipwd.ts';

const HEALTHY = { status: 0, stdout: '', stderr: '' };

function look(service: TestService, binfile: string) {
  return sipwd(['--exit-if-down', service.runfile, binfile, service.pidfile, 'exit 9']);
}

/** A service whose process runs a program of this name, under a title, so that argv[0] proves nothing. */
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

test('when the binary was deleted under the running process, it is running', async () => {
  const { service, program } = running('daemon');
  unlinkSync(program);
  expect(await look(service, program)).toMatchObject(HEALTHY);
});

test('when the binary was deleted and replaced, as by an upgrade, it is running', async () => {
  const { service, program } = running('daemon');
  replace(program);
  expect(await look(service, program)).toMatchObject(HEALTHY);
});

test('when the binary behind a symlink was deleted and replaced, it is running', async () => {
  const { service, program } = running('daemon-2');
  symlinkSync(program, service.path('daemon'));
  replace(program);
  expect(await look(service, service.path('daemon'))).toMatchObject(HEALTHY);
});

test('when a binary of another name was deleted, it is not running, and the kernel is quoted', async () => {
  const { service, program, pid } = running('other');
  unlinkSync(program);
  const run = await look(service, service.binfile);
  expect(run.status).toBe(1);
  expect(run.said[0]).toBe(`${service.binfile} is down: PID ${pid} runs ${program} (deleted), not ${service.binfile}`);
});

test('when the program is truly named so, that is its name, and not what stands before it', async () => {
  const { service, program } = running('daemon (deleted)');
  expect(await look(service, `/nonexistent/daemon (deleted)`)).toMatchObject(HEALTHY);
  expect((await look(service, service.path('daemon'))).status).toBe(1);
  unlinkSync(program);
  expect(await look(service, program)).toMatchObject(HEALTHY);
  expect((await look(service, service.path('daemon'))).status).toBe(1);
});
