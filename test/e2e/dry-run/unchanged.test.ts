import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { stateDirectory } from '../../../src/files/state-dir.ts';
import { canTrace, WITHOUT_COVERAGE } from '../../support/caller.ts';
import { inPart, ordered, rehearse, sleeper } from '../../support/dry-run.ts';
import { listing, processTable } from '../../support/listing.ts';
import { NO_PID, stateOf } from '../../support/process.ts';
import { type TestService, testService } from '../../support/service.ts';
import { PROGRAM, sipwd } from '../../support/sipwd.ts';
import { isRoot, publicProgram, SomeUser } from '../../support/user.ts';
import { until } from '../../support/wait.ts';

/** The files of a service, those that sipwd stores for it, and its processes. */
function stateOfService(service: TestService) {
  // Other tests use the directory, too.
  const isOurs = (name: string) => name.startsWith(encodeURIComponent(service.dir));
  const directory = stateDirectory();
  const stored = existsSync(directory) ? listing(directory, isOurs) : {};
  return { files: listing(service.dir), stored, processes: processTable(service.processes) };
}

/** One PID is stopped, so that SIGCONT would show, one runs and one is gone; a forced restart is ordered. */
async function makeWork(service: TestService): Promise<void> {
  // A process that only its cookie shows, once the pidfile names others.
  await sipwd(service.args.slice(0, 4));
  await ordered(service);
  const [stopped = 0] = service.pids;
  // A healthy check stores a snapshot.
  await sipwd(service.args.slice(0, 4));
  process.kill(stopped, 'SIGSTOP');
  await until('it is stopped', () => stateOf(stopped) === 'T');
  service.writePids(...service.pids, NO_PID);
}

describe('a dry run changes nothing', () => {
  for (const form of ['page', 'json']) {
    test(`when there is everything to do, files and processes are the same afterwards (${form})`, async () => {
      const service = testService();
      await makeWork(service);
      const before = stateOfService(service);
      // The lock file, and the snapshot.
      expect(Object.keys(before.stored)).toHaveLength(2);
      const run = await sipwd(['-n', ...(form === 'json' ? ['--json'] : []), ...service.args]);
      expect(run.status).toBe(1);
      expect(stateOfService(service)).toEqual(before);
    });
  }

  test('when the service is healthy, no snapshot is stored', async () => {
    const service = testService();
    service.writePids(await sleeper(service));
    const before = stateOfService(service);
    expect(before.stored).toEqual({});
    expect((await sipwd(['-n', ...service.args])).status).toBe(0);
    expect(stateOfService(service)).toEqual(before);
  });

  test.skipIf(!isRoot)('when the user has no directory for the lock yet, none is made (needs root)', async () => {
    const service = testService();
    const { options, runtime } = new SomeUser();
    expect((await sipwd(['-n', ...service.args], options, publicProgram())).status).toBe(1);
    expect(readdirSync(runtime)).toEqual([]);
  });
});

/** System calls that change something; strace skips those that this machine does not have. */
const CHANGES = [
  ...['open', 'openat', 'creat', 'write', 'pwrite64', 'writev', 'truncate', 'ftruncate', 'fallocate', 'flock'],
  ...['unlink', 'unlinkat', 'rename', 'renameat', 'renameat2', 'mkdir', 'mkdirat', 'rmdir', 'mknod', 'mknodat'],
  ...['link', 'linkat', 'symlink', 'symlinkat', 'chmod', 'fchmod', 'fchmodat', 'chown', 'fchown', 'lchown', 'fchownat'],
  ...['utimensat', 'setxattr', 'fsetxattr', 'kill', 'tkill', 'pidfd_send_signal', 'rt_sigqueueinfo', 'execve'],
];

/** Calls that change nothing, or that write the page, as strace -y shows them. */
const HARMLESS = [
  /^open(at)?\((?!.*O_(WRONLY|RDWR|CREAT|TRUNC))/,
  /^openat\(.*"\/dev\/(null|tty)"/,
  /^write\(1<(pipe|socket|UNIX|\/dev\/null)/,
  // The threads of the runtime wake each other.
  /^write\(\d+<(anon_inode:)?\[?(eventfd|pipe:)/,
  /^kill\(\d+(<.*?>)?, 0\)/,
  // The program itself, and the runtime that it becomes.
  /^execve\("[^"]*\/(sipwd|node|bash|sh|dash)"/,
  // The programs that read what may block, what they are given, and what they complain about.
  /^execve\("[^"]*\/stat", \["stat", "-L", "\/proc\/\d[^"]*"\]/,
  /^execve\("[^"]*\/head", \["head", "-c", "4096", "\/proc\/\d[^"]*"\]/,
  /^execve\("[^"]*\/grep", \["grep", "-a", "-o", "-H", "-F", "-f", "-", "\/proc\/self\/environ"/,
  /^write\(\d+<(socket|UNIX)/,
  /^write\(2<\/dev\/null/,
];

describe.skipIf(!canTrace)('the system calls of a dry run (needs strace)', () => {
  async function changesOf(args: readonly string[], service: TestService): Promise<string[]> {
    const out = `${service.path('trace')}/out`;
    mkdirSync(service.path('trace'), { recursive: true });
    const trace = ['-f', '-y', '-o', out, '-e', `trace=${CHANGES.map((each) => `?${each}`).join()}`];
    await sipwd([...trace, PROGRAM, ...args], { env: WITHOUT_COVERAGE }, 'strace');
    const calls = readFileSync(out, 'latin1')
      .split('\n')
      .map((line) => line.replace(/^\d+ +/, ''));
    expect(calls.some((call) => call.startsWith('execve('))).toBe(true);
    const made = calls.filter((call) => /^\w+\(/.test(call) && !/= -1 E\w+/.test(call));
    return made.filter((call) => !HARMLESS.some((pattern) => pattern.test(call)));
  }

  test('when there is everything to do, none changes anything', async () => {
    const service = testService();
    await makeWork(service);
    const { processes } = await rehearse(service);
    expect(processes.map(({ belongs }) => belongs)).toEqual(['pidfile', 'pidfile', null, 'cookie']);
    expect(await changesOf(['-n', ...service.args], service)).toEqual([]);
    expect(await changesOf(['-n', '--json', ...service.args], service)).toEqual([]);
  });

  test('when it is not a dry run, they do: files are removed, the lock is taken, processes are signalled and started', async () => {
    const service = testService();
    await inPart(service);
    service.write('svc.force', '');
    // strace would wait for a daemon.
    const args = ['--start-timeout', '0', ...service.args.with(3, 'true')];
    const changes = (await changesOf(args, service)).join('\n');
    for (const call of ['unlink', 'openat', 'kill', 'execve']) expect(changes).toMatch(new RegExp(`^${call}`, 'm'));
  });
});
