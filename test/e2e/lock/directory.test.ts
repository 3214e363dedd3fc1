import { chmodSync, chownSync, lstatSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { stateName } from '../../../src/files/state-dir.ts';
import { messages } from '../../../src/log/messages.ts';
import { stateProblem, why } from '../../../src/log/reasons.ts';
import { lineOf } from '../../support/messages.ts';
import { type TestService, testService } from '../../support/service.ts';
import { sipwd } from '../../support/sipwd.ts';
import { asNobodyIn, folderOf, isRoot, NOBODY, publicProgram } from '../../support/user.ts';

describe.skipIf(!isRoot)('the directory of the lock (needs root, to become another user)', () => {
  const asNobody = (service: TestService, runtime: string, args: string[] = service.args) => {
    service.give(NOBODY);
    return sipwd(args, asNobodyIn(runtime), publicProgram());
  };

  test('when there is something to do, it is made for its owner alone', async () => {
    const service = testService();
    const runtime = folderOf(NOBODY);
    const run = await asNobody(service, runtime, ['--start-timeout', '0', ...service.args.with(3, 'true')]);
    expect(run.status).toBe(0);
    const { uid, mode } = lstatSync(join(runtime, 'sipwd'));
    expect([uid, mode & 0o777]).toEqual([NOBODY, 0o700]);
  });

  const PLANTED: Record<string, (path: string, runtime: string) => void> = {
    'is a link to a directory of the user': (path, runtime) => symlinkSync(runtime, path),
    'belongs to another user': (path) => mkdirSync(path, { mode: 0o700 }),
    'is a file': (path) => writeFileSync(path, ''),
    'can be used by others': (path) => {
      mkdirSync(path);
      chmodSync(path, 0o755);
      chownSync(path, NOBODY, NOBODY);
    },
  };
  for (const [what, plant] of Object.entries(PLANTED)) {
    test(`when it ${what}, sipwd refuses it: exit 5, nothing is started`, async () => {
      const service = testService();
      const runtime = folderOf(NOBODY);
      const directory = join(runtime, 'sipwd');
      plant(directory, runtime);
      const { pidfile, name } = service;
      const run = await asNobody(service, runtime);
      expect(run.status).toBe(5);
      const problem = stateProblem.foreignDirectory(directory, NOBODY);
      expect(run.said).toEqual([
        lineOf(messages.down(why.noPidfile(pidfile)), name),
        lineOf(messages.cannotLock(`${directory}/${stateName(pidfile)}.lock`, problem), name),
      ]);
      expect(service.starts).toBe(0);
    });
  }
});
