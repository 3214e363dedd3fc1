import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { excerpt } from '../../../src/log/escape.ts';
import { messages } from '../../../src/log/messages.ts';
import { canMount } from '../../support/caller.ts';
import { failing, LINE, MONTHS, messagesIn, messagesOf } from '../../support/log.ts';
import { lineOf } from '../../support/messages.ts';
import { testService } from '../../support/service.ts';
import { sipwd, sipwdIn } from '../../support/sipwd.ts';

const MINUTE_MS = 60_000;

const BACKENDS = 'stderr, logfile, logfile_async, syslog, none, json';

describe('a line', () => {
  for (const TZ of ['UTC', 'Asia/Tokyo', 'America/St_Johns']) {
    test(`when the time zone is ${TZ}, it begins with the local time there to the millisecond`, async () => {
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
  test('when it is stderr, lines go to stderr', async () => {
    const service = testService();
    const { status, stdout, stderr } = await sipwd(failing(service), { env: { SIPLOG_BEND: 'stderr' } });
    expect({ status, stdout, messages: messagesIn(stderr) }).toEqual({
      status: 3,
      stdout: '',
      messages: messagesOf(service),
    });
  });

  for (const SIPLOG_BEND of ['logfile', 'logfile_async']) {
    test(`when it is ${SIPLOG_BEND}, lines are appended to SIPLOG_LOGFILE_FILE`, async () => {
      const service = testService();
      const earlier = '1 Jan 00:00:00.000/GLOBAL/rtpproxy: a line of another program\n';
      const env = { SIPLOG_BEND, SIPLOG_LOGFILE_FILE: service.write('sip.log', earlier) };
      expect(await sipwd(failing(service), { env })).toMatchObject({ status: 3, stdout: '', stderr: '' });
      const text = readFileSync(env.SIPLOG_LOGFILE_FILE, 'utf8');
      expect(text.slice(0, earlier.length)).toBe(earlier);
      expect(messagesIn(text.slice(earlier.length))).toEqual(messagesOf(service));
    });
  }

  test('when it is logfile and the file does not exist, the file is created', async () => {
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

  test('when it is none, nothing is logged at all', async () => {
    const service = testService();
    const env = { SIPLOG_BEND: 'none', SIPLOG_LVL: 'DBUG', SIPLOG_LOGFILE_FILE: service.path('sip.log') };
    expect(await sipwd(failing(service), { env })).toMatchObject({ status: 3, stdout: '', stderr: '' });
    expect(existsSync(env.SIPLOG_LOGFILE_FILE)).toBe(false);
  });

  test("when it is json, pino's own lines go to stderr, with service and event", async () => {
    const service = testService();
    const { status, stderr } = await sipwd(failing(service), { env: { SIPLOG_BEND: 'json' } });
    expect(status).toBe(3);
    const entries = stderr
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    const texts = messagesOf(service).map((line) => line.replace(/^(warning|error): /, ''));
    expect(entries).toMatchObject([
      { level: 40, name: 'sipwd', service: service.name, event: 'down', msg: texts[0] },
      { level: 30, name: 'sipwd', service: service.name, event: 'starting', msg: texts[1] },
      { level: 50, name: 'sipwd', service: service.name, event: 'startFailed', msg: texts[2] },
    ]);
    for (const { time } of entries) expect(Math.abs(Date.now() - time)).toBeLessThan(MINUTE_MS);
  });

  for (const SIPLOG_BEND of ['', 'STDERR', 'no\nsuch backend']) {
    test(`when it is ${excerpt(SIPLOG_BEND)}, which is unknown, lines go to stderr after a warning`, async () => {
      const service = testService();
      const { status, stdout, said } = await sipwd(failing(service), { env: { SIPLOG_BEND } });
      const warning = messages.unknownSetting('SIPLOG_BEND', excerpt(SIPLOG_BEND), 'stderr', BACKENDS);
      expect({ status, stdout, said }).toEqual({
        status: 3,
        stdout: '',
        said: [lineOf(warning), ...messagesOf(service)],
      });
    });
  }
});
