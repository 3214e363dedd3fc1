import { mkdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { execa } from 'execa';
import { describe, expect, test } from 'vitest';
import { canMount, quoted } from '../support/caller.ts';
import { type TestService, testService } from '../support/service.ts';
import { isStandalone, NOT_STANDALONE, PROGRAM, sipwd, sipwdIn } from '../support/sipwd.ts';
import { publicProgram } from '../support/user.ts';

/** Calls the program by another name; a service that is down is not started, and the exit status is 1. */
async function callAs(file: string, args: readonly string[], env: NodeJS.ProcessEnv = {}, cwd = '/') {
  const { exitCode, stderr } = await execa(file, args, { env, cwd, reject: false });
  return { exitCode, last: /[^;]*$/.exec(stderr)?.[0] };
}

const NEEDS_A_START = { exitCode: 1, last: ' not started, because of --exit-if-down' };

/** Shell code that takes every node out of the usual folders, for one call: the rest of a folder is linked there. */
function withoutNode(service: TestService): string {
  return `for dir in /usr/local/bin /usr/bin /opt/node/bin /snap/bin; do
    [ -e "$dir/node" ] || continue
    real=${service.dir}/real$dir
    mkdir -p "$real" && mount --bind "$dir" "$real" && mount -t tmpfs none "$dir"
    PATH=$real:$PATH ln -s "$real"/* "$dir"
    rm "$dir/node"
  done
  PATH=/usr/bin:/bin`;
}

describe('the program', () => {
  test('when it is called through a chain of symlinks, it runs', async () => {
    const service = testService();
    mkdirSync(service.path('bin'));
    symlinkSync(PROGRAM, service.path('bin/first'));
    symlinkSync('bin/first', service.path('second'));
    expect(await callAs(service.path('bin/first'), ['-e', ...service.args])).toEqual(NEEDS_A_START);
    expect(await callAs(service.path('second'), ['-e', ...service.args])).toEqual(NEEDS_A_START);
  });

  test('when it is called by a relative path, from its own folder or another, it runs', async () => {
    const service = testService();
    const names = [
      [`./${basename(PROGRAM)}`, dirname(PROGRAM)],
      [relative('/', PROGRAM), '/'],
      [relative(service.dir, PROGRAM), service.dir],
    ] as const;
    for (const [name, cwd] of names)
      expect(await callAs(name, ['-e', ...service.args], {}, cwd)).toEqual(NEEDS_A_START);
  });

  test('when it is found in PATH, it runs', async () => {
    const service = testService();
    symlinkSync(PROGRAM, service.path('sipwd'));
    const env = { PATH: `${service.dir}:${process.env.PATH}` };
    expect(await callAs('sipwd', ['-e', ...service.args], env)).toEqual(NEEDS_A_START);
  });

  test.skipIf(isStandalone)(`when Node is called with it, it runs ${NOT_STANDALONE}`, async () => {
    const service = testService();
    expect(await callAs('node', [PROGRAM, '-e', ...service.args])).toEqual(NEEDS_A_START);
  });

  for (const part of ['cli.cjs', 'siplog.js']) {
    test.skipIf(isStandalone)(
      `when its ${part} is missing, that is one line and exit 5, not the 1 of a start that is needed ${NOT_STANDALONE}`,
      async () => {
        const service = testService();
        const program = publicProgram();
        rmSync(join(dirname(program), '../dist', part));
        const { status, stderr } = await sipwd(['-e', ...service.args], {}, program);
        expect({ status, stderr }).toEqual({
          status: 5,
          stderr: expect.stringMatching(new RegExp(`^sipwd: (gave up at|cannot run: ).*/${part}[^\n]*\n$`)),
        });
      },
    );
  }

  test('when arguments hold blanks, quotes, line feeds and patterns, they arrive as they are', async () => {
    const service = testService();
    const name = ` a  "b" 'c' \\d $e \`f\` *\n\u00fc\u20ac `;
    const runfile = service.write(name, '');
    const pidfile = service.path(`${name}.pid`);
    const command = `printf %s ' "a"\n$b\\ \u00fc'`;
    const run = await sipwd(['--start-timeout', '0', runfile, `${service.binfile} x`, pidfile, command]);
    expect(run).toMatchObject({ status: 0, stdout: ` "a"\n$b\\ \u00fc` });
    expect(run.said[0]).toMatch(
      /^\S+ x is down: there is no pidfile .* a {2}"b" 'c' \\d \$e `f` \*\\n\u00fc\u20ac \.pid$/,
    );
    expect(await sipwd([`${runfile} `, ...service.args.slice(1)])).toMatchObject({ status: 0, stderr: '' });
  });
});

describe.skipIf(isStandalone)(`a PATH without node ${NOT_STANDALONE}`, () => {
  test('when a node lies beside the name of the program, it is taken', async () => {
    const service = testService();
    mkdirSync(service.path('bin'));
    symlinkSync(PROGRAM, service.path('bin/sipwd'));
    // A Node that tells that it was called.
    const wrapper = `#!/bin/sh\necho called >>${service.dir}/node-calls\nexec ${quoted(process.execPath)} "$@"\n`;
    service.write('bin/node', wrapper, 0o755);
    // A folder for what else the launcher may call, but no node.
    mkdirSync(service.path('empty'));
    expect(await callAs(service.path('bin/sipwd'), ['-e', ...service.args], { PATH: service.path('empty') })).toEqual(
      NEEDS_A_START,
    );
    expect(readFileSync(service.path('node-calls'), 'utf8')).toBe('called\n');
  });

  test.skipIf(!canMount)('when there is none anywhere, that is said, and sipwd exits 5 (needs mounts)', async () => {
    const service = testService();
    const { status, stderr } = await sipwdIn(withoutNode(service), service.args, { env: { SIPLOG_BEND: 'none' } });
    expect({ status, stderr }).toEqual({
      status: 5,
      stderr: expect.stringMatching(/^sipwd: cannot run: there is no node in PATH \(\/usr\/bin:\/bin\)[^\n]*\n$/),
    });
    expect(service.starts).toBe(0);
  });

  test.skipIf(!canMount)('when one lies in a usual folder, it is taken (needs mounts)', async () => {
    const service = testService();
    const node = quoted(process.execPath);
    const lone = `cp ${node} ${service.dir}/node; ${withoutNode(service)}
      mkdir -p ${service.dir}/local; mount --bind ${service.dir}/local /usr/local/bin
      mv ${service.dir}/node /usr/local/bin/node`;
    const { status, said } = await sipwdIn(lone, ['-e', ...service.args]);
    expect({ status, said: said.at(-1) }).toEqual({ status: 1, said: expect.stringContaining('--exit-if-down') });
  });
});
