import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, openSync, readSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { errnoOf } from '../../../src/files/errno.ts';
import { messages } from '../../../src/log/messages.ts';
import { inPart } from '../../support/dry-run.ts';
import { start } from '../../support/process.ts';
import { testService } from '../../support/service.ts';
import { PROGRAM, sipwd } from '../../support/sipwd.ts';
import { until } from '../../support/wait.ts';

/** The log goes elsewhere: an error of a dry run is for the person who called it. */
const ENV = { SIPLOG_BEND: 'logfile', SIPLOG_LOGFILE_FILE: '/dev/null' };

describe('a stdout that cannot be written', () => {
  const TABLE = {
    'its device is full': ['>/dev/full', 'no space left on device (ENOSPC)'],
    // Opened for reading and writing first: a FIFO that no process reads cannot be opened for writing.
    'no process reads the pipe any more': ['4<>fifo >fifo 4>&-', 'broken pipe (EPIPE)'],
    'it is read-only': ['1</dev/null', 'bad file descriptor (EBADF)'],
  } as const;
  for (const [when, [redirection, reason]] of Object.entries(TABLE)) {
    for (const options of [['-n'], ['-n', '--json'], ['--help'], ['--version']]) {
      test(`when ${when}, stderr says so in one line: exit 5 (${options.join(' ')})`, async () => {
        const service = testService();
        await inPart(service);
        const args = ['-c', `mkfifo fifo; exec "$@" ${redirection}`, 'sh', PROGRAM, ...options, ...service.args];
        const run = await sipwd(args, { cwd: service.dir, env: ENV }, '/bin/sh');
        expect(run).toMatchObject({ status: 5, events: ['stdoutNotWritten'] });
        expect(run.said[0]).toContain(messages.stdoutNotWritten(reason).text);
      });
    }
  }

  test('when it is closed, the exit status is right, and stderr has at most one line', async () => {
    const service = testService();
    await inPart(service);
    const run = await sipwd(['-c', 'exec "$@" >&-', 'sh', PROGRAM, '-n', ...service.args], {}, '/bin/sh');
    // Node opens /dev/null for a closed descriptor, before sipwd runs.
    expect([
      [1, []],
      [5, ['stdoutNotWritten']],
    ]).toContainEqual([run.status, run.events]);
  });
});

test('when the pipe is non-blocking and its reader is slow, the whole report arrives', async () => {
  const service = testService();
  const count = 6000;
  service.writePids(...Array.from({ length: count }, (_, index) => 4_194_000 - index));
  const fifo = service.path('fifo');
  execFileSync('mkfifo', [fifo]);
  const descriptor = openSync(fifo, constants.O_RDWR | constants.O_NONBLOCK);
  // spawn(2) of Node would make descriptor 1 blocking.
  const args = ['-c', 'exec "$@" >&3 3>&-', 'sh', PROGRAM, '-n', '--json', ...service.args];
  const ended = once(start('/bin/sh', args, { stdio: ['ignore', 'ignore', 'ignore', descriptor] }), 'exit');
  let text = '';
  const buffer = Buffer.alloc(4096);
  try {
    await until('all of it has arrived', () => {
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
  test('when the pidfile is not usable, it goes to stderr, not to the log: exit 2', async () => {
    const service = testService();
    service.write('svc.pid', 'seven');
    for (const form of [[], ['--json']]) {
      const run = await sipwd(['-n', ...form, ...service.args], { env: { SIPLOG_BEND: 'none', SIPLOG_LVL: 'CRIT' } });
      expect(run).toMatchObject({ status: 2, stdout: '', events: ['badPidfile'] });
      expect(run.said[0]).toContain(messages.badPidfile(service.pidfile, '').text);
    }
  });
});
