import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { execa } from 'execa';
import { describe, expect, test } from 'vitest';
import { excerpt } from '../../../src/log/escape.ts';
import { messages } from '../../../src/log/messages.ts';
import { problem } from '../../../src/log/reasons.ts';
import { isInstalled } from '../../support/caller.ts';
import { LOOP, lineOf } from '../../support/messages.ts';
import { start, stateOf } from '../../support/process.ts';
import { type TestService, testService } from '../../support/service.ts';
import { PROGRAM, sipwd } from '../../support/sipwd.ts';
import { until } from '../../support/wait.ts';

const notAPid = (word: string) => problem.notAPid(1, excerpt(word), 2, 4_194_304);

const PIDFILES: [string, (path: string) => unknown, string][] = [
  ['a FIFO', (path) => execa('mkfifo', [path]), problem.notRegular()],
  ['a directory', (path) => mkdirSync(path), problem.notRegular()],
  ['a link to /dev/zero', (path) => symlinkSync('/dev/zero', path), problem.notRegular()],
  ['a link to the terminal', (path) => symlinkSync('/dev/tty', path), problem.notRegular()],
  ['a link to itself', (path) => symlinkSync(path, path), problem.notReadable(LOOP)],
  ['100 MB of NUL bytes', (path) => sparse(path, 100e6), problem.tooLarge(64)],
  ['100 MB of PIDs', (path) => writeFileSync(path, '12345\n'.repeat(17e6)), problem.tooLarge(64)],
  ['binary', (path) => writeFileSync(path, Buffer.from([1, 2, 0, 255, 27, 10])), notAPid('\x01\x02\x00\ufffd\x1b')],
  ['a terminal escape after a CR', (path) => writeFileSync(path, '7\r\x1b[2J\n'), notAPid('\x1b[2J')],
];

function sparse(path: string, bytes: number): void {
  writeFileSync(path, '');
  truncateSync(path, bytes);
}

/** On an idle machine it takes a tenth of this. */
const MOST_MS = 3000;
const MOST_KB = 100_000;

/** That sipwd refuses the pidfile in one printable line, and needs little time and memory for it. */
async function expectRefused(service: TestService, reason: string): Promise<void> {
  const usage = service.path('usage');
  const run = await sipwd(['-f', '%M', '-o', usage, PROGRAM, ...service.args], {}, 'time');
  expect(run.status).toBe(2);
  expect(run.said).toEqual([lineOf(messages.badPidfile(service.pidfile, reason), service.name)]);
  expect(run.stderr).not.toMatch(/[^\P{Cc}\n]/u);
  expect(run.ms).toBeLessThan(MOST_MS);
  expect(Number(readFileSync(usage, 'utf8').trim().split('\n').at(-1))).toBeLessThan(MOST_KB);
  expect(service.starts).toBe(0);
}

describe.skipIf(!isInstalled('time'))('a hostile pidfile (needs the package time)', () => {
  test.each(PIDFILES)('when it is %s, that is logged in one line: exit 2', async (_, make, reason) => {
    const service = testService();
    await make(service.pidfile);
    await expectRefused(service, reason);
  });

  test('when it is a socket, that is logged in one line: exit 2', async () => {
    const service = testService();
    const server = createServer().listen(service.pidfile);
    await once(server, 'listening');
    await expectRefused(service, problem.notRegular());
    server.close();
  });
});

test('when the pidfile is a FIFO, it is not even opened: its writer waits on', async () => {
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
  const line = lineOf(messages.badPidfile(service.pidfile, problem.notRegular()), service.name);
  const statuses = new Set<number | undefined>();
  // Both must be met; on a busy machine that can take many rounds.
  for (let round = 0; round < 20 || (statuses.size < 2 && round < 300); round++) {
    const { status, stdout, stderr, said } = await sipwd(service.args);
    if (status === 0) expect({ stdout, stderr }).toEqual({ stdout: '', stderr: '' });
    else expect({ status, said }).toEqual({ status: 2, said: [line] });
    statuses.add(status);
  }
  expect([...statuses].toSorted()).toEqual([0, 2]);
  expect(service.starts).toBe(0);
}, 120_000);
