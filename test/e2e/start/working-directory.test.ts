import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { execa } from 'execa';
import { describe, expect, test } from 'vitest';
import { canTrace, quoted } from '../../support/caller.ts';
import { probeBoth } from '../../support/probe.ts';
import { type TestService, testService } from '../../support/service.ts';
import { PROGRAM, sipwd } from '../../support/sipwd.ts';

/** Makes files that runtimes and their package managers read from the working directory; each would leave a trace. */
function fillWithForeignCode(service: TestService): string {
  const dir = service.path('foreign');
  const mark = service.path('loaded');
  const code = `require('node:fs').appendFileSync(${JSON.stringify(mark)}, __filename);`;
  for (const name of ['pino', 'execa', 'commander']) {
    mkdirSync(`${dir}/node_modules/${name}`, { recursive: true });
    service.write(`foreign/node_modules/${name}/index.js`, code);
  }
  service.write('foreign/preload.js', code);
  service.write('foreign/.env', 'SIPLOG_BEND=stderr\nFOREIGN=1\nNODE_OPTIONS=--require=./preload.js\n');
  service.write('foreign/bunfig.toml', 'preload = ["./preload.js"]\n');
  service.write('foreign/package.json', '{ "type": "module", "imports": { "#x": "./preload.js" }, broken');
  service.write('foreign/tsconfig.json', '{ "compilerOptions": { "paths": { "*": ["./preload.js"] } }, broken');
  service.write('foreign/.npmrc', 'node-options=--require=./preload.js\n');
  return dir;
}

describe('a working directory with code and settings of others', () => {
  test('when sipwd starts a service there, none of it has an effect', async () => {
    const service = testService();
    const dir = fillWithForeignCode(service);
    const { bySh, bySipwd } = probeBoth(service, `cd ${quoted(dir)}`, '');
    expect(bySh.state).toContain(`\nPWD=${dir}\n`);
    expect(bySipwd.state).toBe(bySh.state);
    expect(() => readFileSync(service.path('loaded'))).toThrow('ENOENT');
  });

  test.skipIf(!canTrace)('when sipwd starts a service there, none of it is opened (needs strace)', async () => {
    const service = testService();
    const cwd = fillWithForeignCode(service);
    const trace = service.path('trace');
    const options = ['-f', '-o', trace, '-e', 'trace=open,openat,openat2,stat,lstat,newfstatat,statx,access,readlink'];
    const run = await execa('strace', [...options, PROGRAM, '-e', ...service.args], { cwd, reject: false });
    expect(run.exitCode).toBe(1);
    const calls = readFileSync(trace, 'utf8');
    expect(calls).toContain(`"${service.runfile}"`);
    const foreign = /"(\.\/)?(\.env|bunfig|package\.json|tsconfig|\.npmrc|node_modules|preload)/;
    expect(calls.split('\n').filter((call) => call.includes(cwd) || foreign.test(call))).toEqual([]);
  });

  test.each([
    ['is not set', ''],
    ['is empty', 'PATH='],
    ['begins with an empty entry', `PATH=:${process.env.PATH}`],
  ])('when PATH %s, no program there is run', async (_, path) => {
    const service = testService();
    const cwd = service.path('foreign');
    mkdirSync(cwd);
    service.write('foreign/flock', `#!/bin/sh\ntouch ${service.path('loaded')}\n`, 0o755);
    const env = ['-i', ...(path === '' ? [] : [path])];
    const run = await sipwd([...env, PROGRAM, ...service.args], { cwd }, '/usr/bin/env');
    expect(run.status).toBe(0);
    expect(service.starts).toBe(1);
    expect(existsSync(service.path('loaded'))).toBe(false);
  });
});
