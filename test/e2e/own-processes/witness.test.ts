import { renameSync, rmSync, symlinkSync } from 'node:fs';
import { expect, test } from 'vitest';
import { commOf, exeOf, isAlive, start } from '../../support/process.ts';
import { type TestService, testService } from '../../support/service.ts';
import { QUIET, sipwd } from '../../support/sipwd.ts';
import { until } from '../../support/wait.ts';

/** Not the name of the binary, in argv[0] nor in comm. */
const TITLE = 'title: ready';
const REWRITES_TITLE = `printf '%s' '${TITLE}' >/proc/$$/comm; read -r line; eval "$line"`;

interface Scene {
  /** makes the binary of the daemon; returns the path that the daemon runs */
  readonly before?: (service: TestService) => string;
  readonly replace: (service: TestService) => void;
}

const copyShell = (service: TestService) => service.copy('/bin/sh', service.name);

function linkTo(service: TestService, target: string): string {
  rmSync(service.binfile, { force: true });
  symlinkSync(target, service.binfile);
  return target;
}

const SCENES: readonly [string, Scene][] = [
  ['is renamed', { replace: ({ binfile }) => renameSync(binfile, `${binfile}.old`) }],
  [
    'is renamed, and a new one has its name',
    {
      replace: (service) => {
        renameSync(service.binfile, `${service.binfile}.old`);
        service.copy('/bin/sleep', service.name);
      },
    },
  ],
  [
    'is an interpreter, and the link to it leads to a new version',
    {
      before: (service) => linkTo(service, service.copy('/bin/sh', 'version1')),
      replace: (service) => linkTo(service, service.copy('/bin/sh', 'version2')),
    },
  ],
];

test.each(SCENES)(
  'when a process has rewritten its title and its binary %s, it is healthy; when it executes another program, it is gone',
  async (_, { before = copyShell, replace }) => {
    const service = testService();
    const binary = before(service);
    const daemon = start(binary, ['-c', REWRITES_TITLE], { argv0: TITLE, stdio: ['pipe', 'ignore', 'ignore'] });
    await until('the title is rewritten', () => commOf(daemon.pid) === TITLE);
    service.writePids(daemon.pid);
    expect(await sipwd(service.args)).toMatchObject(QUIET);

    replace(service);
    expect(await sipwd(service.args)).toMatchObject(QUIET);
    expect(service.starts).toBe(0);

    daemon.stdin?.write('exec /bin/sleep 1000\n');
    await until('it is another program', () => exeOf(daemon.pid)?.endsWith('/sleep'));
    const run = await sipwd(['--exit-if-down', ...service.args]);
    expect(run.status).toBe(1);
    expect(run.linesOf('down')[0]).toContain(`PID ${daemon.pid} runs `);
    expect(run.linesOf('sent')).toEqual([]);
    expect(isAlive(daemon.pid)).toBe(true);
  },
);
