import { chmodSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { distrust, warning } from '../../../src/log/reasons.ts';
import { canHaveCoreFiles, withCoreFiles } from '../../support/core.ts';
import { rehearse } from '../../support/dry-run.ts';
import { startSleeper } from '../../support/process.ts';
import { type TestService, testService } from '../../support/service.ts';
import { isRoot } from '../../support/user.ts';

/** A healthy service whose arguments are complete, but for what the test changes. */
async function healthy(before = ':'): Promise<TestService> {
  const service = testService();
  service.writePids(await startSleeper(service.binfile, before));
  return service;
}

/** The warnings of a dry run that has nothing else to say. */
async function warningsOf(args: readonly string[]): Promise<readonly string[]> {
  const { plan, warnings } = await rehearse({ args });
  expect(plan.kind).toBe('nothing');
  return warnings;
}

const WITHOUT_FORCE = 4;

describe('a dry run of a healthy service', () => {
  test.each([
    'exec true',
    'FOO=1 BAR=2 true; false',
    '{ true; }',
    '"$HOME"/x',
    'cd / && true',
    '. /dev/null',
    '(true)',
    'if true; then true; fi',
  ])('when the start command is %s, no word of it is missing: no warning', async (command) => {
    const { args } = await healthy();
    expect(await warningsOf(args.slice(0, WITHOUT_FORCE).with(3, command))).toEqual([]);
  });

  test.each(['nonexistent-command x', 'A=1 nonexistent-command;true', 'nonexistent-command'])(
    'when the start command is %s, a warning names the word that is not found',
    async (command) => {
      const { args } = await healthy();
      const warnings = await warningsOf(args.slice(0, WITHOUT_FORCE).with(3, command));
      expect(warnings).toEqual([warning.noSuchCommand('nonexistent-command')]);
    },
  );

  test.runIf(isRoot)('when its pidfile is not trusted, a warning has the command that fixes it', async () => {
    const service = await healthy();
    chmodSync(service.pidfile, 0o666);
    const { why, fix } = distrust.world(service.pidfile);
    expect(await warningsOf(service.args.slice(0, WITHOUT_FORCE))).toEqual([warning.distrusted(why, fix)]);
  });

  test('when the directory of its runfile does not exist, a warning says so', async () => {
    const { args } = await healthy();
    expect(await warningsOf(args.slice(0, WITHOUT_FORCE).with(0, '/nonexistent/runfile'))).toEqual([
      warning.noRunfileDirectory('/nonexistent'),
    ]);
  });

  // A core that is piped to a program has no limit.
  test.skipIf(!canHaveCoreFiles)(
    'when its processes may dump no core, and may be restarted by force, a warning says so',
    () =>
      withCoreFiles(async () => {
        const service = await healthy('ulimit -c 0');
        expect(await warningsOf(service.args)).toEqual([warning.noCore()]);
        expect(await warningsOf(service.args.slice(0, WITHOUT_FORCE))).toEqual([]);
        const unlimited = await healthy('ulimit -c unlimited');
        expect(await warningsOf(unlimited.args)).toEqual([]);
      }),
  );
});
