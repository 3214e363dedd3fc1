import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, lstatSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { stateName } from '../../../src/files/state-dir.ts';
import { messages } from '../../../src/log/messages.ts';
import { stateProblem, warning } from '../../../src/log/reasons.ts';
import { canMount } from '../../support/caller.ts';
import { lineOf } from '../../support/messages.ts';
import { type TestService, testService } from '../../support/service.ts';
import { sipwd, startSipwd } from '../../support/sipwd.ts';
import { isRoot, publicProgram, SomeUser } from '../../support/user.ts';

/** A service of a user who runs sipwd. */
function serviceOf(user: SomeUser) {
  const service = testService();
  service.give(user.uid);
  // This user counts the starts.
  chownSync(service.write('starts', ''), user.uid, user.uid);
  return service;
}

/** The warnings of a dry run. */
async function warningsOf(service: TestService, user: SomeUser): Promise<string[]> {
  const { stdout } = await sipwd(['-n', '--json', ...service.args], user.options, publicProgram());
  return JSON.parse(stdout).warnings;
}

describe.skipIf(!isRoot)('the directory of the lock (needs root, to become another user)', () => {
  test('when there is something to do, it is made for its owner alone, whatever the environment says', async () => {
    const user = new SomeUser();
    const service = serviceOf(user);
    const env = { XDG_RUNTIME_DIR: service.dir, TMPDIR: service.dir };
    expect((await sipwd(service.args, { ...user.options, env }, publicProgram())).status).toBe(0);
    const { uid, mode } = lstatSync(user.directory);
    expect([uid, mode & 0o777]).toEqual([user.uid, 0o700]);
  });

  const PLANTED: Record<string, (user: SomeUser) => void> = {
    'is a link to a directory of the user': ({ directory, runtime }) => symlinkSync(runtime, directory),
    'belongs to another user': ({ directory }) => mkdirSync(directory, { mode: 0o700 }),
    'is a file': ({ directory }) => writeFileSync(directory, ''),
  };
  for (const [what, plant] of Object.entries(PLANTED)) {
    test(`when it ${what}, the runfile is locked instead, and the service is started`, async () => {
      const user = new SomeUser();
      const service = serviceOf(user);
      plant(user);
      const path = `${user.directory}/${stateName(service.pidfile)}.lock`;
      const problem = stateProblem.foreignDirectory(user.directory, user.uid);
      expect(await warningsOf(service, user)).toContain(warning.lockedInstead(`${path}: ${problem}`));
      const run = await sipwd(service.args, user.options, publicProgram());
      expect(run.status).toBe(0);
      const message = messages.lockedInstead(service.runfile, `${path}: ${problem}`);
      expect(run.linesOf('lockedInstead')).toEqual([lineOf(message, service.name)]);
      expect(service.starts).toBe(1);
    });
  }

  test("when it is this user's and others can use it, it is made private, and the lock is there", async () => {
    const user = new SomeUser();
    const service = serviceOf(user);
    mkdirSync(user.directory);
    chmodSync(user.directory, 0o755);
    chownSync(user.directory, user.uid, user.uid);
    expect(await sipwd(service.args, user.options, publicProgram())).toMatchObject({
      ...{ status: 0, events: ['down', 'starting', 'started'] },
    });
    expect(lstatSync(user.directory).mode & 0o777).toBe(0o700);
  });

  test.skipIf(!canMount)(
    'when it is read-only, two runs exclude each other by the runfile (needs mounts)',
    async () => {
      const user = new SomeUser();
      const service = serviceOf(user);
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'ro', 'tmpfs', user.runtime]);
      try {
        const path = `${user.directory}/${stateName(service.pidfile)}.lock`;
        const problem = 'read-only file system (EROFS)';
        expect(await warningsOf(service, user)).toContain(warning.lockedInstead(`${path}: ${problem}`));
        const hanging = service.args.with(3, `exec ${service.binfile} 1000 >/dev/null 2>&1`);
        const { child, run, says } = startSipwd(hanging, user.options, publicProgram());
        await says('starting');
        expect((await sipwd(service.args, user.options, publicProgram())).events).toContain('busy');
        child.kill('SIGKILL');
        await run;
      } finally {
        execFileSync('umount', [user.runtime]);
      }
    },
  );
});
