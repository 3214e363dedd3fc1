import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import type { Options } from 'execa';
import { describe, expect, test } from 'vitest';
import { messages } from '../../../src/log/messages.ts';
import { why } from '../../../src/log/reasons.ts';
import { canMount, quoted } from '../../support/caller.ts';
import { lineOf } from '../../support/messages.ts';
import { type TestService, testService } from '../../support/service.ts';
import { isStandalone, NOT_STANDALONE, PROGRAM, type Program, QUIET, sipwd, sipwdIn } from '../../support/sipwd.ts';
import { publicProgram } from '../../support/user.ts';
import { without } from '../../support/without.ts';

const withoutNode = (service: TestService) => `${without('node', service.dir)}; PATH=/usr/bin:/bin`;

/** That a program is sipwd: it checks a service that is down. */
async function expectToRun(program: Program, { args }: TestService, options: Options = {}): Promise<void> {
  const run = await sipwd(['-e', ...args], { cwd: '/', ...options }, program);
  expect(run.status).toBe(1);
  expect(run.events).toEqual(['down', 'startNeeded']);
}

describe('the program', () => {
  test('when it is called through a chain of symbolic links, it runs', async () => {
    const service = testService();
    mkdirSync(service.path('bin'));
    symlinkSync(PROGRAM, service.path('bin/first'));
    symlinkSync('bin/first', service.path('second'));
    await expectToRun(service.path('bin/first'), service);
    await expectToRun(service.path('second'), service);
  });

  test('when it is called by a relative path, from its own directory or another, it runs', async () => {
    const service = testService();
    await expectToRun(`./${basename(PROGRAM)}`, service, { cwd: dirname(PROGRAM) });
    await expectToRun(relative('/', PROGRAM), service);
    await expectToRun(relative(service.dir, PROGRAM), service, { cwd: service.dir });
  });

  test('when it is found in PATH, it runs', async () => {
    const service = testService();
    symlinkSync(PROGRAM, service.path('sipwd'));
    await expectToRun('sipwd', service, { env: { PATH: `${service.dir}:${process.env.PATH}` } });
  });

  test.skipIf(isStandalone)(`when it is an argument of node, it runs ${NOT_STANDALONE}`, async () => {
    await expectToRun(['node', PROGRAM], testService());
  });

  const MISSING: [string, string, string[]][] = [
    ['its main file is missing', 'main', []],
    ['what loads late is missing', 'late-', []],
    ['what loads late is missing, with an option', 'late-', ['-e']],
  ];
  test.skipIf(isStandalone).each(MISSING)(
    `when %s, stderr says so in one line: exit 5 ${NOT_STANDALONE}`,
    async (_, part, options) => {
      const service = testService();
      const program = publicProgram();
      const dist = join(dirname(program), '../dist');
      const parts = readdirSync(dist).filter((name) => name.startsWith(part));
      for (const name of parts) rmSync(join(dist, name));
      const { status, stderr } = await sipwd([...options, ...service.args], {}, program);
      const named = `^sipwd: .*/(${parts.join('|')})[^\n]*\n$`;
      expect({ status, stderr }).toEqual({ status: 5, stderr: expect.stringMatching(new RegExp(named)) });
      expect(service.starts).toBe(0);
    },
  );

  test('when arguments contain blanks, quotes, line feeds and patterns, they arrive unchanged', async () => {
    const service = testService();
    const special = ` a  "b" 'c' \\d $e \`f\` *\n\u00fc\u20ac `;
    const runfile = service.write(special, '');
    const pidfile = service.path(`${special}.pid`);
    const command = `printf %s ' "a"\n$b\\ \u00fc'`;
    const run = await sipwd(['--start-timeout', '0', runfile, `${service.binfile} x`, pidfile, command]);
    expect(run).toMatchObject({ status: 0, stdout: ` "a"\n$b\\ \u00fc` });
    expect(run.said[0]).toBe(lineOf(messages.down(why.noPidfile(pidfile)), `${service.name} x`));
    expect(await sipwd(service.args.with(0, `${runfile} `))).toMatchObject(QUIET);
  });
});

describe.skipIf(isStandalone)(`a PATH without node ${NOT_STANDALONE}`, () => {
  test('when there is a node beside the program, it is used', async () => {
    const service = testService();
    mkdirSync(service.path('bin'));
    symlinkSync(PROGRAM, service.path('bin/sipwd'));
    const wrapper = `#!/bin/sh\necho called >>${service.dir}/node-calls\nexec ${quoted(process.execPath)} "$@"\n`;
    service.write('bin/node', wrapper, 0o755);
    mkdirSync(service.path('empty'));
    await expectToRun(service.path('bin/sipwd'), service, { env: { PATH: service.path('empty') } });
    expect(readFileSync(service.path('node-calls'), 'utf8')).toBe('called\n');
  });

  test.skipIf(!canMount)('when there is none anywhere, stderr says so: exit 5 (needs mounts)', async () => {
    const service = testService();
    const { status, stderr } = await sipwdIn(withoutNode(service), service.args, { env: { SIPLOG_BEND: 'none' } });
    expect({ status, stderr }).toEqual({
      status: 5,
      stderr: expect.stringMatching(/^sipwd: [^\n]*PATH \(\/usr\/bin:\/bin\)[^\n]*\n$/),
    });
    expect(service.starts).toBe(0);
  });

  test.skipIf(!canMount)('when there is one in a usual directory, it is used (needs mounts)', async () => {
    const service = testService();
    const node = quoted(process.execPath);
    const lone = `cp ${node} ${service.dir}/node; ${withoutNode(service)}
      mkdir -p ${service.dir}/local; mount --bind ${service.dir}/local /usr/local/bin
      mv ${service.dir}/node /usr/local/bin/node`;
    const run = await sipwdIn(lone, ['-e', ...service.args]);
    expect(run.status).toBe(1);
    expect(run.events).toEqual(['down', 'startNeeded']);
  });
});

describe.skipIf(isStandalone)(`an old Node ${NOT_STANDALONE}`, () => {
  // .ci/run tries real ones.
  test.for([{ options: [] }, { options: ['-e'] }])(
    'when it is older than 20, stderr says so in one line, and nothing is done: exit 5 ($options)',
    async ({ options }) => {
      const service = testService();
      const old = `Object.defineProperty(process, 'versions', { value: { node: '18.20.8' } });`;
      const env = { NODE_OPTIONS: `--require ${service.write('old.cjs', old)}` };
      const { status, stderr } = await sipwd([...options, ...service.args], { env });
      expect({ status, stderr }).toEqual({
        status: 5,
        stderr: expect.stringMatching(/^sipwd: [^\n]*needs Node 20 or later, not \/[^\n]*18\.20\.8; set PATH[^\n]*\n$/),
      });
      expect(service.starts).toBe(0);
    },
  );
});
