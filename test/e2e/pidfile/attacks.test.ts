import { spawn } from 'node:child_process';
import { chmodSync, existsSync, lchownSync, mkdirSync, readFileSync, renameSync, symlinkSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { messages } from '../../../src/log/messages.ts';
import { problem } from '../../../src/log/reasons.ts';
import { lineOf } from '../../support/messages.ts';
import { isAlive, NO_PID, startSleeper } from '../../support/process.ts';
import { rounds } from '../../support/rounds.ts';
import { testService } from '../../support/service.ts';
import { sipwd } from '../../support/sipwd.ts';
import { AS_NOBODY, isRoot, NOBODY, SomeUser } from '../../support/user.ts';
import { until } from '../../support/wait.ts';

/** More than enough for the attack to succeed where links are examined in a second walk. */
const RUNS = rounds(20, 300);
const MOST_RUNS = 1000;

/** Exchanges two files in a loop, and counts: renameat2(2) with RENAME_EXCHANGE, which perl can call by number. */
const EXCHANGE = `
my $number = { x64 => 316, arm64 => 276 }->{$ARGV[0]};
my ($one, $other) = @ARGV[1, 2];
print "ready\\n"; $| = 1;
while (1) { syscall($number, -100, $one, -100, $other, 2) == 0 or die "renameat2: $!" }`;

describe.skipIf(!isRoot)('a user who owns the directory of the pidfile (needs root)', () => {
  test('when this user exchanges a link and a plain file all the time, no process of others is signalled', async () => {
    const service = testService();
    const victim = await startSleeper(service.binfile, ':', new SomeUser().options);
    // A file of root that names the process of another user, and what makes a clean-up necessary.
    const foreign = service.write('root.pid', `${victim}\n${NO_PID}\n`);
    mkdirSync(service.path('run'));
    renameSync(service.write('plain', `${NO_PID}\n`), service.path('run/plain'));
    symlinkSync(foreign, service.path('run/svc.pid'));
    for (const name of ['run', 'run/plain', 'run/svc.pid']) lchownSync(service.path(name), NOBODY, NOBODY);
    const files = ['run/svc.pid', 'run/plain'].map((name) => service.path(name));
    const attacker = spawn('perl', ['-e', EXCHANGE, process.arch, ...files], { ...AS_NOBODY, stdio: 'ignore' });
    try {
      const args = ['-e', '--no-memory', '--term-timeout', '0', ...service.args.with(2, files[0] ?? '')];
      const statuses = new Set<number | undefined>();
      // On a busy machine, the attacker may meet each of them late.
      const hasMetBoth = () => statuses.has(1) && statuses.has(4);
      for (let run = 0; run < RUNS || (run < MOST_RUNS && !hasMetBoth()); run++) {
        statuses.add((await sipwd(args)).status);
        expect(isAlive(victim)).toBe(true);
      }
      // The link was met, and the plain file.
      expect([...statuses]).toEqual(expect.arrayContaining([1, 4]));
      expect(attacker.exitCode).toBeNull();
    } finally {
      attacker.kill('SIGKILL');
    }
  }, 600_000);

  test.each([
    ['a file of root that others cannot read', (path: string) => chmodSync(path, 0o600)],
    ['a file that everybody can read', () => undefined],
  ])('when the pidfile is a link of this user to %s, the message does not show its content', async (_, prepare) => {
    const service = testService();
    prepare(service.write('secret', 'password\n'));
    symlinkSync(service.path('secret'), service.pidfile);
    lchownSync(service.pidfile, NOBODY, NOBODY);
    const run = await sipwd(service.args);
    expect(run.status).toBe(2);
    const message = messages.badPidfile(service.pidfile, problem.notShown(1, 2, 4_194_304));
    expect(run.said).toEqual([lineOf(message, service.name)]);
  });

  test('when the force-restart file is behind a link of this user, it is ignored and stays', async () => {
    const service = testService();
    service.writePids(await startSleeper(service.binfile));
    mkdirSync(service.path('precious'));
    renameSync(service.write('force', ''), service.path('precious/force'));
    symlinkSync(service.path('precious'), service.path('link'));
    lchownSync(service.path('link'), NOBODY, NOBODY);
    const run = await sipwd(service.args.with(4, service.path('link/force')));
    expect(run).toMatchObject({ status: 0, events: ['forceFileIgnored'] });
    expect(existsSync(service.path('precious/force'))).toBe(true);
  });

  test('when the log file is a link of this user, nothing is written through it, and the lines go to stderr', async () => {
    const service = testService();
    const logfile = service.path('sip.log');
    for (const [target, content] of [
      ['present', 'root wrote this\n'],
      ['absent', undefined],
    ] as const) {
      if (content !== undefined) service.write(target, content);
      symlinkSync(service.path(target), logfile);
      lchownSync(logfile, NOBODY, NOBODY);
      const run = await sipwd(['-e', ...service.args], {
        env: { SIPLOG_BEND: 'logfile', SIPLOG_LOGFILE_FILE: logfile },
      });
      expect(run.events).toEqual(['logfileRefused', 'down', 'startNeeded']);
      expect(run.said[0]).toContain(problem.foreignLink(logfile, NOBODY));
      renameSync(logfile, service.path(`${target}.link`));
    }
    expect(readFileSync(service.path('present'), 'utf8')).toBe('root wrote this\n');
    expect(existsSync(service.path('absent'))).toBe(false);
  });
});

test.skipIf(!isRoot)('when the pidfile is a link to a file that blocks, sipwd does not wait (needs root)', async () => {
  const service = testService();
  symlinkSync('/proc/kmsg', service.pidfile);
  const run = await until('sipwd exits', () => sipwd(service.args));
  expect(run.status).toBe(2);
});
