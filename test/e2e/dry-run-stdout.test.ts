import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, openSync, readSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { errnoOf } from '../../src/failure.ts';
import { inPart } from '../support/dry-run.ts';
import { start } from '../support/process.ts';
import { testService } from '../support/service.ts';
import { PROGRAM, sipwd } from '../support/sipwd.ts';
import { until } from '../support/wait.ts';

const CANNOT = 'cannot write to standard output';

/** As a person calls it, whose log is elsewhere. */
const ENV = { SIPLOG_BEND: 'logfile', SIPLOG_LOGFILE_FILE: '/dev/null' };

describe('a stdout that takes nothing', () => {
  const TABLE = {
    'its device is full': ['>/dev/full', 'no space left on device (ENOSPC)'],
    // Opened for both ways first, since a FIFO that nobody reads cannot be opened to write.
    'nobody reads the pipe any more': ['4<>fifo >fifo 4>&-', 'broken pipe (EPIPE)'],
    'it is open to read only': ['1</dev/null', 'bad file descriptor (EBADF)'],
  } as const;
  for (const [title, [redirection, reason]] of Object.entries(TABLE)) {
    for (const options of [['-n'], ['-n', '--json'], ['--help'], ['--version']]) {
      test(`when ${title}, that is said in one line on stderr, exit 5 (${options.join(' ')})`, async () => {
        const service = testService();
        await inPart(service);
        const args = ['-c', `mkfifo fifo; exec "$@" ${redirection}`, 'sh', PROGRAM, ...options, ...service.args];
        const run = await sipwd(args, { cwd: service.dir, env: ENV }, '/bin/sh');
        expect(run).toMatchObject({ status: 5, said: [`${CANNOT}: ${reason}; nothing was done`] });
      });
    }
  }

  test('when it is closed, the exit status tells all the same, and stderr has no more than a line', async () => {
    const service = testService();
    await inPart(service);
    const run = await sipwd(['-c', 'exec "$@" >&-', 'sh', PROGRAM, '-n', ...service.args], {}, '/bin/sh');
    // Node gives itself /dev/null for a closed descriptor, before sipwd runs.
    expect([
      [1, []],
      [5, [expect.stringMatching(`^${CANNOT}: `)]],
    ]).toContainEqual([run.status, run.said]);
  });
});

test('when the pipe does not block and its reader is slow, the whole page arrives', async () => {
  const service = testService();
  const count = 6000;
  service.writePids(...Array.from({ length: count }, (_, index) => 4_194_000 - index));
  const fifo = service.path('fifo');
  execFileSync('mkfifo', [fifo]);
  const descriptor = openSync(fifo, constants.O_RDWR | constants.O_NONBLOCK);
  // Standard output itself would be made blocking at the start of a child.
  const args = ['-c', 'exec "$@" >&3 3>&-', 'sh', PROGRAM, '-n', '--json', ...service.args];
  const ended = once(start('/bin/sh', args, { stdio: ['ignore', 'ignore', 'ignore', descriptor] }), 'exit');
  let text = '';
  const buffer = Buffer.alloc(4096);
  try {
    await until('all of it has come', () => {
      try {
        text += buffer.toString('latin1', 0, readSync(descriptor, buffer));
      } catch (error) {
        if (errnoOf(error) !== 'EAGAIN') throw error;
      }
      return text.endsWith('\n}\n');
    });
    expect(await ended).toEqual([1, null]);
  } finally {
    closeSync(descriptor);
  }
  expect(JSON.parse(text).processes).toHaveLength(count);
});

describe('an error of a dry run', () => {
  test('when the pidfile is not usable, it goes to stderr and not into the log: exit 2', async () => {
    const service = testService();
    service.write('svc.pid', 'seven');
    for (const form of [[], ['--json']]) {
      const run = await sipwd(['-n', ...form, ...service.args], { env: { SIPLOG_BEND: 'none', SIPLOG_LVL: 'CRIT' } });
      expect(run).toMatchObject({
        status: 2,
        stdout: '',
        said: [expect.stringMatching(/^cannot use the pidfile \S+: line 1 holds "seven" where a PID /)],
      });
    }
  });

  test('when --json is given without --dry-run, it is a usage error, and nothing is done', async () => {
    const service = testService();
    expect(await sipwd(['--json', ...service.args])).toMatchObject({
      status: 1,
      stdout: '',
      said: ['the option --json goes with --dry-run; see sipwd --help'],
    });
    expect(service.starts).toBe(0);
  });
});
