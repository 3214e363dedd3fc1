import { existsSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { openLog } from '../../src/files/logfile.ts';
import { type Level, type Message, messages } from '../../src/log/messages.ts';
import { type LogEnvironment, siplogLine } from '../../src/log/siplog.ts';
import { temporaryFolder } from '../support/folder.ts';
import { messagesIn } from '../support/log.ts';
import { testService } from '../support/service.ts';
import { sipwd } from '../support/sipwd.ts';

const message = (level: Level, text: string): Message => ({ ...messages.busy(), level, text });

/** Writes one message of each level to a log file, and returns what is in the file. */
function logged(environment: LogEnvironment, suffix = ''): string {
  const file = join(temporaryFolder(), 'sip.log');
  const write = openLog({ SIPLOG_BEND: 'logfile', SIPLOG_LOGFILE_FILE: file, ...environment });
  for (const level of ['debug', 'info', 'warn', 'error', 'fatal'] as const) {
    write({ service: undefined, message: message(level, `${level}${suffix}`) });
  }
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
}

describe('the line', () => {
  test.each([
    ['two digits in the day', '2026-11-22T08:57:10.123Z', '22 Nov 14:27:10.123'],
    ['one digit in the day', '2026-05-02T00:30:00.000Z', '2 May 06:00:00.000'],
    ['small numbers everywhere', '2026-01-01T19:35:06.007Z', '2 Jan 01:05:06.007'],
    ['the hour of midnight', '2026-02-27T18:30:00.050Z', '28 Feb 00:00:00.050'],
  ])('when the time has %s, it is local time to the millisecond', (_, time, shown) => {
    vi.stubEnv('TZ', 'Asia/Kolkata');
    expect(siplogLine({ time: Date.parse(time), level: 30, msg: 'hello' })).toBe(`${shown}/GLOBAL/sipwd: hello\n`);
  });

  test('when a message is written, its line has the time of that moment', () => {
    const before = Date.now();
    const line = logged({ SIPLOG_LVL: 'CRIT' });
    const span = Array.from({ length: Date.now() - before + 1 }, (_, ms) =>
      siplogLine({ time: before + ms, level: 60, msg: 'fatal' }),
    );
    expect(span).toContain(line);
  });
});

describe('the level', () => {
  test.each([
    ['DBUG', ['debug', 'info', 'warning: warn', 'error: error', 'error: fatal']],
    ['INFO', ['info', 'warning: warn', 'error: error', 'error: fatal']],
    ['WARN', ['warning: warn', 'error: error', 'error: fatal']],
    ['ERR', ['error: error', 'error: fatal']],
    ['CRIT', ['error: fatal']],
    [undefined, ['info', 'warning: warn', 'error: error', 'error: fatal']],
    [
      '',
      [
        'warning: unknown value of SIPLOG_LVL: ""; using INFO; known values: DBUG, INFO, WARN, ERR, CRIT',
        'info',
        'warning: warn',
        'error: error',
        'error: fatal',
      ],
    ],
    [
      'chatty',
      [
        'warning: unknown value of SIPLOG_LVL: "chatty"; using INFO; known values: DBUG, INFO, WARN, ERR, CRIT',
        'info',
        'warning: warn',
        'error: error',
        'error: fatal',
      ],
    ],
  ])('when SIPLOG_LVL is %o, these are written: %o', (level, written) => {
    expect(messagesIn(logged({ SIPLOG_LVL: level }))).toEqual(written);
  });
});

describe('the backend', () => {
  test('when it is logfile_async, nothing is kept for later either', () => {
    expect(messagesIn(logged({ SIPLOG_BEND: 'logfile_async' }))).toEqual([
      'info',
      'warning: warn',
      'error: error',
      'error: fatal',
    ]);
  });

  test('when it is none, nothing is written anywhere, whatever the level', async () => {
    const { runfile, binfile, pidfile } = testService();
    const call = ['--exit-if-down', runfile, binfile, pidfile, 'exit 9'];
    const silent = { env: { SIPLOG_BEND: 'none', SIPLOG_LVL: 'DBUG' } };
    expect(await sipwd(call, silent)).toMatchObject({ status: 1, stdout: '', stderr: '' });
  });

  test('when the log file exists, lines are appended', () => {
    const file = join(temporaryFolder({ 'sip.log': 'of others\n' }), 'sip.log');
    openLog({ SIPLOG_BEND: 'logfile', SIPLOG_LOGFILE_FILE: file })({
      service: 'svc',
      message: message('info', 'mine'),
    });
    expect(readFileSync(file, 'utf8')).toMatch(/^of others\n\d.*\/GLOBAL\/sipwd: svc: mine\n$/);
  });

  test('when the log file is renamed, as logrotate does, the next line makes a new one', () => {
    const file = join(temporaryFolder(), 'sip.log');
    const write = openLog({ SIPLOG_BEND: 'logfile', SIPLOG_LOGFILE_FILE: file });
    write({ service: undefined, message: message('info', 'first') });
    renameSync(file, `${file}.1`);
    write({ service: undefined, message: message('info', 'second') });
    expect(messagesIn(readFileSync(file, 'utf8'))).toEqual(['second']);
  });
});

describe('the message', () => {
  test('when it holds control characters, it is still one line', () => {
    const text = logged({ SIPLOG_LVL: 'CRIT' }, ': a\nb\x1b[2J"\\');
    expect(messagesIn(text)).toEqual(['error: fatal: a\\nb\\x1b[2J"\\']);
  });

  test('when it looks like a format of pino, it stays unchanged', () => {
    expect(messagesIn(logged({ SIPLOG_LVL: 'CRIT' }, ' %s %d %j %%'))).toEqual(['error: fatal %s %d %j %%']);
  });
});
