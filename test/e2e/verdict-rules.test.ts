import { linkSync, mkdirSync, readFileSync, realpathSync, symlinkSync, unlinkSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, expect, test } from 'vitest';
import { isAlive, start, startRenamed } from '../support/process.ts';
import { type TestService, testService } from '../support/service.ts';
import { sipwd } from '../support/sipwd.ts';
import { until } from '../support/wait.ts';

const HEALTHY = { status: 0, stdout: '', stderr: '' };
const SHELL = realpathSync('/bin/sh');

/** Looks, and starts nothing. */
function look(service: TestService, binfile = service.binfile, PATH = process.env.PATH) {
  return sipwd(['--exit-if-down', service.runfile, binfile, service.pidfile, 'exit 9'], { env: { PATH } });
}

/** Runs a program under a title of its own, so that argv[0] proves nothing. */
function run(service: TestService, program: string): number {
  const { pid } = start(program, ['1000'], { argv0: 'worker: idle' });
  service.writePids(pid);
  return pid;
}

describe('the base name of the binary', () => {
  test('when it alone is right, the process is running', async () => {
    const service = testService();
    run(service, service.binfile);
    expect(await look(service, `/nonexistent/${service.name}`)).toMatchObject(HEALTHY);
  });

  test('when the process calls itself otherwise in comm, it is running', async () => {
    const service = testService();
    service.writePids(await startRenamed(service.copy(SHELL, service.name), 'other'));
    expect(await look(service)).toMatchObject(HEALTHY);
  });

  test('when it is right only as a part, as that of a wrapper, the process is not running', async () => {
    const service = testService();
    const pid = run(service, service.copy(service.binfile, `${service.name}-wrapper`));
    const { status, said } = await look(service);
    expect({ status, said: said[0] }).toEqual({
      status: 1,
      said: `${service.binfile} is down: PID ${pid} runs ${service.binfile}-wrapper, not ${service.binfile}`,
    });
  });

  test('when a stranger has the PID, it is not signalled, and the service is started', async () => {
    const service = testService();
    const pid = run(service, service.copy(service.binfile, 'stranger'));
    const { status, said } = await sipwd(service.args);
    expect(said[0]).toMatch(`PID ${pid} runs ${service.path('stranger')}, not ${service.binfile}`);
    expect({ status, starts: service.starts, stranger: isAlive(pid) }).toEqual({
      status: 0,
      starts: 1,
      stranger: true,
    });
  });
});

describe('the file that the binfile resolves to', () => {
  test('when a program behind a symlink rewrites its title and its comm, it is running', async () => {
    const service = testService();
    unlinkSync(service.binfile);
    symlinkSync(process.execPath, service.binfile);
    const { pid } = start(service.binfile, ['-e', 'process.title = "idle"; setInterval(() => {}, 1e6)']);
    service.writePids(pid);
    await until('it has its title', () => readFileSync(`/proc/${pid}/cmdline`, 'latin1').startsWith('idle'));
    expect(await look(service)).toMatchObject(HEALTHY);
  });

  test('when it stands at the end of a chain of symlinks, the process is running', async () => {
    const service = testService();
    run(service, service.binfile);
    mkdirSync(service.path('alternatives'));
    symlinkSync(service.binfile, service.path('alternatives/v2'));
    symlinkSync('alternatives/v2', service.path('current'));
    symlinkSync('current', service.path('link'));
    expect(await look(service, service.path('link'))).toMatchObject(HEALTHY);
  });

  test('when it is the same file under a second name, the process is running', async () => {
    const service = testService();
    run(service, service.binfile);
    linkSync(service.binfile, service.path('second'));
    expect(await look(service, service.path('second'))).toMatchObject(HEALTHY);
  });

  test('when the symlink leads to another program, the process is not running', async () => {
    const service = testService();
    const pid = run(service, service.binfile);
    symlinkSync(service.copy(service.binfile, 'v2'), service.path('link'));
    const { status, said } = await look(service, service.path('link'));
    expect({ status, said: said[0] }).toEqual({
      status: 1,
      said: `${service.path('link')} is down: PID ${pid} runs ${service.binfile}, not ${service.path('link')}`,
    });
  });

  test('when the binfile is a bare name, it is looked up in PATH', async () => {
    const service = testService();
    run(service, service.binfile);
    mkdirSync(service.path('bin'));
    symlinkSync(service.binfile, service.path('bin/interpreter'));
    const searchPath = `${service.path('bin')}:${process.env.PATH}`;
    expect(await look(service, 'interpreter', searchPath)).toMatchObject(HEALTHY);
    expect((await look(service, 'interpreter')).status).toBe(1);
  });

  test.skipIf(basename(SHELL) === 'sh')(
    'when the binfile is a bare name that PATH lacks, it is looked up in the usual folders (needs a sh that is a symlink)',
    async () => {
      const service = testService();
      service.writePids(start(SHELL, ['-c', 'read -r line'], { argv0: 'idle', stdio: 'pipe' }).pid);
      // The program itself finds its runtime there.
      mkdirSync(service.path('bin'));
      symlinkSync(process.execPath, service.path('bin/node'));
      expect(await look(service, 'sh', service.path('bin'))).toMatchObject(HEALTHY);
    },
  );
});

describe('argv[0]', () => {
  test.each(['sh', '/bin/sh', '/nonexistent/sh'])(
    'when the service is a shell script, %s is its binfile',
    async (sh) => {
      const service = testService();
      const script = service.write('svc.sh', '#!/bin/sh\nread -r line\n', 0o755);
      service.writePids(start(script, [], { stdio: 'pipe' }).pid);
      expect(await look(service, sh)).toMatchObject(HEALTHY);
      expect((await look(service, script)).status).toBe(1);
    },
  );

  test('when the symlink of an interpreter has moved on since, the process is running', async () => {
    const service = testService();
    const link = service.path('interpreter');
    symlinkSync(service.copy(SHELL, 'v1'), link);
    const script = service.write('svc', `#!${link}\nread -r line\n`, 0o755);
    service.writePids(start(script, [], { stdio: 'pipe' }).pid);
    unlinkSync(link);
    symlinkSync(service.copy(SHELL, 'v2'), link);
    expect(await look(service, link)).toMatchObject(HEALTHY);
  });
});
