import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { canMount } from '../support/caller.ts';
import { failing, LINE, messagesIn, messagesOf } from '../support/log.ts';
import { start } from '../support/process.ts';
import { testService } from '../support/service.ts';
import { sipwd, sipwdIn } from '../support/sipwd.ts';

const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');
const MINUTE_MS = 60_000;

describe('a line', () => {
  for (const TZ of ['UTC', 'Asia/Tokyo', 'America/St_Johns']) {
    test(`when the time zone is ${TZ}, it tells the local time there to the millisecond`, async () => {
      const run = await sipwd(failing(testService()), { env: { TZ, LC_ALL: 'C' } });
      const [, day, month = '', hour, minute, second, ms] = LINE.exec(run.stderr.split('\n')[0] ?? '') ?? [];
      const here = new Date(new Date().toLocaleString('en-US', { timeZone: TZ }));
      const clock = [hour, minute, second, ms].map(Number) as [number, number, number, number];
      const said = new Date(here.getFullYear(), MONTHS.indexOf(month), Number(day), ...clock);
      expect(Math.abs(here.getTime() - said.getTime())).toBeLessThan(MINUTE_MS);
    });
  }
});

describe('SIPLOG_BEND', () => {
  for (const SIPLOG_BEND of ['', 'stderr', 'STDERR', 'no-such-backend']) {
    test(`when it is "${SIPLOG_BEND}", lines go to stderr`, async () => {
      const service = testService();
      const { status, stdout, stderr } = await sipwd(failing(service), { env: { SIPLOG_BEND } });
      expect({ status, stdout, messages: messagesIn(stderr) }).toEqual({
        status: 3,
        stdout: '',
        messages: messagesOf(service),
      });
    });
  }

  for (const SIPLOG_BEND of ['logfile', 'logfile_async']) {
    test(`when it is ${SIPLOG_BEND}, lines are appended to SIPLOG_LOGFILE_FILE`, async () => {
      const service = testService();
      const earlier = '1 Jan 00:00:00.000/GLOBAL/rtpproxy: a line of somebody else\n';
      const env = { SIPLOG_BEND, SIPLOG_LOGFILE_FILE: service.write('sip.log', earlier) };
      expect(await sipwd(failing(service), { env })).toMatchObject({ status: 3, stdout: '', stderr: '' });
      const text = readFileSync(env.SIPLOG_LOGFILE_FILE, 'utf8');
      expect(text.slice(0, earlier.length)).toBe(earlier);
      expect(messagesIn(text.slice(earlier.length))).toEqual(messagesOf(service));
    });
  }

  test('when it is logfile and the file is not there, it is made', async () => {
    const service = testService();
    const env = { SIPLOG_BEND: 'logfile', SIPLOG_LOGFILE_FILE: service.path('new.log') };
    expect(await sipwd(failing(service), { env })).toMatchObject({ status: 3, stderr: '' });
    expect(messagesIn(readFileSync(env.SIPLOG_LOGFILE_FILE, 'utf8'))).toEqual(messagesOf(service));
  });

  test.skipIf(!canMount)('when no file is named, the file is /var/log/sip.log (needs mounts)', async () => {
    const service = testService();
    const env = { SIPLOG_BEND: 'logfile', SIPLOG_LOGFILE_FILE: '' };
    const script = 'mount -t tmpfs none /var/log || exit; "$@"; cat /var/log/sip.log';
    const { stdout, stderr } = await sipwdIn(script, failing(service), { env });
    expect({ stderr, messages: messagesIn(stdout) }).toEqual({ stderr: '', messages: messagesOf(service) });
  });

  test('when it is none, nothing at all is said', async () => {
    const service = testService();
    const env = { SIPLOG_BEND: 'none', SIPLOG_LVL: 'DBUG', SIPLOG_LOGFILE_FILE: service.path('sip.log') };
    expect(await sipwd(failing(service), { env })).toMatchObject({ status: 3, stdout: '', stderr: '' });
    expect(existsSync(env.SIPLOG_LOGFILE_FILE)).toBe(false);
  });

  test("when it is json, pino's own lines go to stderr, and each parses", async () => {
    const service = testService();
    const { status, stderr } = await sipwd(failing(service), { env: { SIPLOG_BEND: 'json' } });
    const entries = stderr
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect({ status, messages: entries.map(({ msg }) => msg) }).toEqual({ status: 3, messages: messagesOf(service) });
    expect(entries.map(({ level, name }) => `${level} ${name}`)).toEqual(['40 sipwd', '30 sipwd', '50 sipwd']);
    for (const { time } of entries) expect(Math.abs(Date.now() - time)).toBeLessThan(MINUTE_MS);
  });
});

describe('SIPLOG_LVL', () => {
  const LEVELS = { DBUG: 3, INFO: 3, WARN: 2, ERR: 1, CRIT: 0, '': 3, warn: 3, NOTICE: 3, constructor: 3 };
  for (const [SIPLOG_LVL, count] of Object.entries(LEVELS)) {
    test(`when it is "${SIPLOG_LVL}", ${count} of three messages are said: from a warning, information, an error`, async () => {
      const service = testService();
      const [warning, info, error] = messagesOf(service);
      const expected = { 3: [warning, info, error], 2: [warning, error], 1: [error], 0: [] }[count];
      const { status, said } = await sipwd(failing(service), { env: { SIPLOG_LVL } });
      expect({ status, said }).toEqual({ status: 3, said: expected });
    });
  }

  test('when it is DBUG, a healthy run and an absent runfile are said', async () => {
    const service = testService();
    const { pid } = start(service.binfile, ['1000']);
    service.writePids(pid);
    const options = { env: { SIPLOG_LVL: 'DBUG' } };
    const healthy = await sipwd(service.args, options);
    expect(messagesIn(healthy.stderr)).toEqual([`${service.binfile} is healthy: PID ${pid}`]);
    const runfile = service.path('absent');
    const absent = await sipwd(service.args.with(0, runfile), options);
    expect(messagesIn(absent.stderr)).toEqual([`${service.binfile} is not meant to run: there is no ${runfile}`]);
  });
});
