import { readFileSync, symlinkSync } from 'node:fs';
import { execa, execaSync } from 'execa';
import { describe, expect, test } from 'vitest';
import { messages } from '../../../src/log/messages.ts';
import { failing, startLinesOf } from '../../support/log.ts';
import { lineOf } from '../../support/messages.ts';
import { isAlive, startSleeper } from '../../support/process.ts';
import { eventsIn } from '../../support/said.ts';
import { type TestService, testService } from '../../support/service.ts';
import { PROGRAM, QUIET, sipwd } from '../../support/sipwd.ts';

function expectStarted(service: TestService, status: number | undefined): void {
  expect({ status, starts: service.starts }).toEqual({ status: 0, starts: 1 });
  expect(isAlive(service.pids[0] ?? 0)).toBe(true);
}

describe('a log file that cannot be written', () => {
  interface Row {
    readonly when: string;
    readonly make: (service: TestService) => string;
    readonly reason: string;
  }
  const TABLE: readonly Row[] = [
    {
      when: 'its directory does not exist',
      make: (service) => service.path('no/such/directory/sip.log'),
      reason: 'no such file or directory (ENOENT)',
    },
    {
      when: 'its directory is a file',
      make: (service) => `${service.runfile}/sip.log`,
      reason: 'not a directory (ENOTDIR)',
    },
    {
      when: 'it is a directory',
      make: (service) => service.dir,
      reason: 'illegal operation on a directory (EISDIR)',
    },
    { when: 'its device is full', make: () => '/dev/full', reason: 'no space left on device (ENOSPC)' },
    {
      when: 'it is a FIFO that no process reads',
      make: (service) => {
        execaSync('mkfifo', [service.path('fifo')]);
        return service.path('fifo');
      },
      reason: 'no such device or address (ENXIO)',
    },
  ];
  for (const { when, make, reason } of TABLE) {
    test(`when ${when}, the messages go to stderr after one that says why, and the service is started`, async () => {
      const service = testService();
      const file = make(service);
      const run = await sipwd(service.args, { env: { SIPLOG_BEND: 'logfile', SIPLOG_LOGFILE_FILE: file } });
      expectStarted(service, run.status);
      const warning = lineOf(messages.logfileRefused(file, reason));
      expect(run.said).toEqual([warning, ...startLinesOf(service, run.said)]);
    });
  }

  const REFUSED = { SIPLOG_BEND: 'logfile_async', SIPLOG_LOGFILE_FILE: '/dev/full' };

  test('when only errors are logged, an error still comes after the reason', async () => {
    const run = await sipwd(failing(testService()), { env: { ...REFUSED, SIPLOG_LVL: 'ERR' } });
    expect(run).toMatchObject({ status: 3, events: ['logfileRefused', 'startFailed'] });
  });

  test('when nothing is logged, nothing is said of it', async () => {
    const service = testService();
    service.writePids(await startSleeper(service.binfile));
    expect(await sipwd(service.args, { env: REFUSED })).toMatchObject(QUIET);
  });
});

describe('a stderr that cannot be written', () => {
  const TABLE = {
    'it is closed': '2>&-',
    'stdout and stdin are closed as well': '0<&- 1>&- 2>&-',
    'its device is full': '2>/dev/full',
    // Opened for reading and writing first: a FIFO that no process reads cannot be opened for writing.
    'no process reads the pipe any more': '4<>fifo 2>fifo 4>&-',
    'it is read-only': '2</dev/null',
  };
  for (const [when, redirection] of Object.entries(TABLE)) {
    for (const SIPLOG_BEND of ['stderr', 'logfile']) {
      test(`when ${when}, ${SIPLOG_BEND} loses the messages, and the service is started`, async () => {
        const service = testService();
        const script = `mkfifo fifo; exec "$@" ${redirection}`;
        const options = { cwd: service.dir, env: { SIPLOG_BEND, SIPLOG_LOGFILE_FILE: '/dev/full' }, reject: false };
        const { exitCode } = await execa('/bin/sh', ['-c', script, 'sh', PROGRAM, ...service.args], options);
        expectStarted(service, exitCode);
      });
    }
  }

  test.each([
    ['the start command fails', ({ args }: TestService) => args.with(3, 'exit 9'), 3],
    ['the arguments are missing', () => [], 1],
  ])('when it is full and %s, the exit status is the same', async (_, argsOf, status) => {
    const script = 'exec "$@" 2>/dev/full';
    const args = ['-c', script, 'sh', PROGRAM, ...argsOf(testService())];
    expect((await execa('/bin/sh', args, { reject: false })).exitCode).toBe(status);
  });
});

test('when the log file is /dev/stdout, as in a container, the lines are there', async () => {
  const { args } = testService();
  const env = { SIPLOG_BEND: 'logfile', SIPLOG_LOGFILE_FILE: '/dev/stdout' };
  const piped = ['-c', '"$@" | cat', 'sh', PROGRAM, '-e', ...args];
  const { stdout, stderr } = await sipwd(piped, { env }, '/bin/sh');
  expect(stderr).toBe('');
  expect(eventsIn(stdout.trim())).toEqual(['down', 'startNeeded']);
});

test('when the log file is a link of root to a file that does not exist yet, that file is made', async () => {
  const service = testService();
  symlinkSync('later.log', service.path('sip.log'));
  const env = { SIPLOG_BEND: 'logfile', SIPLOG_LOGFILE_FILE: service.path('sip.log') };
  expect(await sipwd(['-e', ...service.args], { env })).toMatchObject({ status: 1, stderr: '' });
  expect(eventsIn(readFileSync(service.path('later.log'), 'utf8').trim())).toEqual(['down', 'startNeeded']);
});
