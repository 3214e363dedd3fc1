import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { execa } from 'execa';
import { describe, expect, test } from 'vitest';
import { start, stateOf } from '../support/process.ts';
import { type TestService, testService } from '../support/service.ts';
import { PROGRAM, sipwd } from '../support/sipwd.ts';
import { until } from '../support/wait.ts';

const UNUSABLE = /^cannot use the pidfile /;

const hasTime = existsSync('/usr/bin/time');

const PIDFILES: [string, (path: string) => unknown, RegExp][] = [
  ['a FIFO', (path) => execa('mkfifo', [path]), /it is not a regular file/],
  ['a folder', (path) => mkdirSync(path), /it is not a regular file/],
  ['a link to /dev/zero', (path) => symlinkSync('/dev/zero', path), /it is not a regular file/],
  ['a link to the terminal', (path) => symlinkSync('/dev/tty', path), /it (is not a regular file|cannot be opened)/],
  ['a link to itself', (path) => symlinkSync(path, path), /it cannot be opened: .*\(ELOOP\)/],
  ['100 MB of nothing', (path) => sparse(path, 100e6), /it is larger than 64 KiB/],
  ['100 MB of PIDs', (path) => writeFileSync(path, '12345\n'.repeat(17e6)), /it is larger than 64 KiB/],
  [
    'binary',
    (path) => writeFileSync(path, Buffer.from([1, 2, 0, 255, 27, 10])),
    /line 1 holds "\\x01\\x02\\x00\ufffd\\x1b" where/,
  ],
  ['a forged line of a log', (path) => writeFileSync(path, '1\r\x1b[2J\n'), /line 1 holds "1" where/],
];

function sparse(path: string, bytes: number): void {
  writeFileSync(path, '');
  truncateSync(path, bytes);
}

/** On an idle machine it takes a tenth of this. */
const MOST_MS = 3000;
const MOST_KB = 100_000;

/** Runs sipwd, and holds it to one clean line, little time and little memory. */
async function expectOneCleanLine(service: TestService, status: number, line: RegExp): Promise<void> {
  const usage = service.path('usage');
  const run = await sipwd(['-f', '%M', '-o', usage, PROGRAM, ...service.args], {}, 'time');
  expect(run.status).toBe(status);
  expect(run.said).toEqual([expect.stringMatching(line)]);
  expect(run.stderr).not.toMatch(/[^\P{Cc}\n]/u);
  expect(run.ms).toBeLessThan(MOST_MS);
  expect(Number(readFileSync(usage, 'utf8').trim().split('\n').at(-1))).toBeLessThan(MOST_KB);
  expect(service.starts).toBe(0);
}

describe.skipIf(!hasTime)('hostile files (needs the package time)', () => {
  for (const [what, make, why] of PIDFILES) {
    test(`when the pidfile is ${what}, sipwd says so in one line and exits 2`, async () => {
      const service = testService();
      await make(service.pidfile);
      await expectOneCleanLine(service, 2, new RegExp(`${UNUSABLE.source}.*${why.source}`));
    });
  }

  test('when the pidfile is a socket, sipwd says so in one line and exits 2', async () => {
    const service = testService();
    const server = createServer().listen(service.pidfile);
    await once(server, 'listening');
    await expectOneCleanLine(service, 2, /it is not a regular file/);
    server.close();
  });

  test('when the pidfile is no regular file, it is not even opened: a writer of a FIFO sees no reader', async () => {
    const service = testService();
    await execa('mkfifo', [service.pidfile]);
    const writer = start('/bin/sh', ['-c', `echo 1 >${service.pidfile}; touch ${service.path('written')}`]);
    await until('the writer waits', () => stateOf(writer.pid) === 'S');
    expect((await sipwd(service.args)).status).toBe(2);
    expect(stateOf(writer.pid)).toBe('S');
    expect(existsSync(service.path('written'))).toBe(false);
  });

  test('when the pidfile is replaced all the time, it is always read whole or not at all', async () => {
    const service = testService();
    service.writePids(start(service.binfile, ['1000']).pid);
    const swap = 'cp svc.pid good; while :; do mkfifo x; mv x svc.pid; cp good x; mv x svc.pid; done';
    start('/bin/sh', ['-c', swap], { cwd: service.dir });
    for (let round = 0; round < 20; round++) {
      const { status } = await sipwd(service.args);
      expect([0, 2]).toContain(status);
    }
    expect(service.starts).toBe(0);
  });

  test('when the runfile cannot be looked at, sipwd says so in one line and exits 5', async () => {
    const service = testService();
    rmSync(service.runfile);
    symlinkSync(service.runfile, service.runfile);
    await expectOneCleanLine(service, 5, /^cannot look at the runfile \S+: .*\(ELOOP\)/);
  });

  test('when paths and the command hold control characters, none of them reaches the log', async () => {
    const service = testService();
    const evil = `true '\n22 Nov 14:27:10.123/GLOBAL/sipwd: all is well\r\u001b[2J\u009b\u2028\u202e'`;
    const forge = service.path('svc\nforged\u001b[2J.pid');
    const run = await sipwd([
      ...['--start-timeout', '0.1', service.runfile, service.binfile, forge, evil, service.path('\u007f')],
    ]);
    expect(run.status).toBe(3);
    expect(run.stderr.split('\n')).toHaveLength(run.said.length + 1);
    expect(run.said).toHaveLength(3);
    expect(run.stderr).not.toMatch(/[^\P{C}\n]|[\p{Zl}\p{Zp}]/u);
  });
});
