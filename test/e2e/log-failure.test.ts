import { execa, execaSync } from 'execa';
import { describe, expect, test } from 'vitest';
import { isAlive } from '../support/process.ts';
import { type TestService, testService } from '../support/service.ts';
import { PROGRAM, sipwd } from '../support/sipwd.ts';

/** What a start says, wherever it says it. */
function expectStart(service: TestService, said: readonly string[]): void {
  const { binfile, pidfile, command } = service;
  expect(said).toEqual([
    `${binfile} is down: there is no pidfile ${pidfile}`,
    `starting ${binfile}: ${command}`,
    expect.stringMatching(new RegExp(`^started ${binfile}: PID ${service.pids[0]} after`)),
  ]);
}

function expectWork(service: TestService, status: number | undefined): void {
  expect({ status, starts: service.starts }).toEqual({ status: 0, starts: 1 });
  expect(isAlive(service.pids[0] ?? 0)).toBe(true);
}

describe('a log file that takes nothing', () => {
  interface Row {
    readonly title: string;
    readonly make: (service: TestService) => string;
  }
  const TABLE: readonly Row[] = [
    { title: 'its folder is not there', make: (service) => service.path('no/such/folder/sip.log') },
    { title: 'its folder is a file', make: (service) => `${service.runfile}/sip.log` },
    { title: 'it is a folder', make: (service) => service.dir },
    { title: 'its device is full', make: () => '/dev/full' },
    {
      title: 'it is a FIFO that nobody reads',
      make: (service) => {
        execaSync('mkfifo', [service.path('fifo')]);
        return service.path('fifo');
      },
    },
  ];
  for (const { title, make } of TABLE) {
    test(`when ${title}, the messages go to stderr, and the work is done`, async () => {
      const service = testService();
      const run = await sipwd(service.args, { env: { SIPLOG_BEND: 'logfile', SIPLOG_LOGFILE_FILE: make(service) } });
      expectWork(service, run.status);
      expectStart(service, run.said);
    });
  }
});

describe('a stderr that takes nothing', () => {
  const TABLE = {
    'it is closed': '2>&-',
    'stdout and stdin are closed as well': '0<&- 1>&- 2>&-',
    'its device is full': '2>/dev/full',
    // Opened for both ways first, since a FIFO that nobody reads cannot be opened to write.
    'nobody reads the pipe any more': '4<>fifo 2>fifo 4>&-',
    'it is open to read only': '2</dev/null',
  };
  for (const [title, redirection] of Object.entries(TABLE)) {
    for (const SIPLOG_BEND of ['stderr', 'logfile']) {
      test(`when ${title}, ${SIPLOG_BEND} loses the messages, and the work is done`, async () => {
        const service = testService();
        const script = `mkfifo fifo; exec "$@" ${redirection}`;
        const options = { cwd: service.dir, env: { SIPLOG_BEND, SIPLOG_LOGFILE_FILE: '/dev/full' }, reject: false };
        const { exitCode } = await execa('/bin/sh', ['-c', script, 'sh', PROGRAM, ...service.args], options);
        expectWork(service, exitCode);
      });
    }
  }

  test('when it takes nothing, a failure has the same exit status', async () => {
    const service = testService();
    for (const [args, status] of [
      [service.args.with(3, 'exit 9'), 3],
      [[], 1],
    ] as const) {
      const script = 'exec "$@" 2>/dev/full';
      const { exitCode } = await execa('/bin/sh', ['-c', script, 'sh', PROGRAM, ...args], { reject: false });
      expect(exitCode).toBe(status);
    }
  });
});
