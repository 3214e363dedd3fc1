import { linkSync, mkdirSync, readFileSync, realpathSync, symlinkSync, unlinkSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, expect, test } from 'vitest';
import { messages } from '../../../src/log/messages.ts';
import { because } from '../../../src/log/reasons.ts';
import { lineOf } from '../../support/messages.ts';
import { isAlive, start, startRenamed } from '../../support/process.ts';
import { type TestService, testService } from '../../support/service.ts';
import { check, QUIET, type Run, sipwd } from '../../support/sipwd.ts';
import { until } from '../../support/wait.ts';

const SHELL = realpathSync('/bin/sh');

/** Runs a program under a title that does not match. */
function runUntitled(service: TestService, program = service.binfile): number {
  const { pid } = start(program, ['1000'], { argv0: 'worker: idle' });
  service.writePids(pid);
  return pid;
}

/** That the service is down because its PID runs another binary. */
function expectOther({ status, said }: Run, pid: number, exe: string, binfile: string): void {
  const reason = because.otherBinary(exe, binfile);
  expect({ status, said: said[0] }).toEqual({
    status: 1,
    said: lineOf(messages.down(`PID ${pid} ${reason}`), basename(binfile)),
  });
}

describe('the base name of the binary', () => {
  test('when only that matches, the process is running', async () => {
    const service = testService();
    runUntitled(service);
    expect(await check(service, `/nonexistent/${service.name}`)).toMatchObject(QUIET);
  });

  test('when it matches and comm is another name, the process is running', async () => {
    const service = testService();
    service.writePids(await startRenamed(service.copy(SHELL, service.name), 'other'));
    expect(await check(service, service.binfile)).toMatchObject(QUIET);
  });

  test('when it only begins with the name, as that of a wrapper, the process is gone', async () => {
    const service = testService();
    const wrapper = service.copy(service.binfile, `${service.name}-wrapper`);
    const pid = runUntitled(service, wrapper);
    expectOther(await check(service, service.binfile), pid, wrapper, service.binfile);
  });

  test('when the PID runs another binary, it is not signalled, and the service is started', async () => {
    const service = testService();
    const pid = runUntitled(service, service.copy(service.binfile, 'stranger'));
    const run = await sipwd(service.args);
    expect(run.status).toBe(0);
    expect(run.events).toEqual(['down', 'starting', 'started']);
    expect({ starts: service.starts, stranger: isAlive(pid) }).toEqual({ starts: 1, stranger: true });
  });
});

describe('the file that the binfile resolves to', () => {
  test('when a program behind a symbolic link rewrites its title and its comm, it is running', async () => {
    const service = testService();
    unlinkSync(service.binfile);
    symlinkSync(process.execPath, service.binfile);
    const { pid } = start(service.binfile, ['-e', 'process.title = "idle"; setInterval(() => {}, 1e6)']);
    service.writePids(pid);
    await until('it has its title', () => readFileSync(`/proc/${pid}/cmdline`, 'latin1').startsWith('idle'));
    expect(await check(service, service.binfile)).toMatchObject(QUIET);
  });

  test('when it is at the end of a chain of symbolic links, the process is running', async () => {
    const service = testService();
    runUntitled(service);
    mkdirSync(service.path('alternatives'));
    symlinkSync(service.binfile, service.path('alternatives/v2'));
    symlinkSync('alternatives/v2', service.path('current'));
    symlinkSync('current', service.path('link'));
    expect(await check(service, service.path('link'))).toMatchObject(QUIET);
  });

  test('when it is the same file under a second name, the process is running', async () => {
    const service = testService();
    runUntitled(service);
    linkSync(service.binfile, service.path('second'));
    expect(await check(service, service.path('second'))).toMatchObject(QUIET);
  });

  test('when the symbolic link leads to another program, the process is gone', async () => {
    const service = testService();
    const pid = runUntitled(service);
    const link = service.path('link');
    symlinkSync(service.copy(service.binfile, 'v2'), link);
    expectOther(await check(service, link), pid, service.binfile, link);
  });

  test('when the binfile is a bare name, it is looked up in PATH', async () => {
    const service = testService();
    const pid = runUntitled(service);
    mkdirSync(service.path('bin'));
    symlinkSync(service.binfile, service.path('bin/interpreter'));
    const env = { PATH: `${service.path('bin')}:${process.env.PATH}` };
    expect(await check(service, 'interpreter', { env })).toMatchObject(QUIET);
    const args = ['--no-memory', '-e', ...service.args.with(1, 'interpreter')];
    expectOther(await sipwd(args), pid, service.binfile, 'interpreter');
  });

  test.skipIf(basename(SHELL) === 'sh')(
    'when PATH lacks a bare name, it is looked up in the usual directories (needs a sh that is a symbolic link)',
    async () => {
      const service = testService();
      service.writePids(start(SHELL, ['-c', 'read -r line'], { argv0: 'idle', stdio: 'pipe' }).pid);
      // sipwd itself finds its runtime there.
      mkdirSync(service.path('bin'));
      symlinkSync(process.execPath, service.path('bin/node'));
      expect(await check(service, 'sh', { env: { PATH: service.path('bin') } })).toMatchObject(QUIET);
    },
  );
});

describe('argv[0]', () => {
  test.each(['sh', '/bin/sh', '/nonexistent/sh'])(
    'when the service is a shell script, it is running with binfile %s, and gone with its own name',
    async (sh) => {
      const service = testService();
      const script = service.write('svc.sh', '#!/bin/sh\nread -r line\n', 0o755);
      const { pid } = start(script, [], { stdio: 'pipe' });
      service.writePids(pid);
      expect(await check(service, sh)).toMatchObject(QUIET);
      expectOther(await check(service, script), pid, SHELL, script);
    },
  );

  test('when the symbolic link of an interpreter now leads to another version, the process is running', async () => {
    const service = testService();
    const link = service.path('interpreter');
    symlinkSync(service.copy(SHELL, 'v1'), link);
    const script = service.write('svc', `#!${link}\nread -r line\n`, 0o755);
    service.writePids(start(script, [], { stdio: 'pipe' }).pid);
    unlinkSync(link);
    symlinkSync(service.copy(SHELL, 'v2'), link);
    expect(await check(service, link)).toMatchObject(QUIET);
  });
});
