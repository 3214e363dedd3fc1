import { existsSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type LogEnvironment, openLog, siplogLine } from '../../src/log/siplog.ts';
import { temporaryFolder } from '../support/folder.ts';
import { testService } from '../support/service.ts';
import { sipwd } from '../support/sipwd.ts';

const LINE = /^[1-9]\d? [A-Z][a-z]{2} \d\d:\d\d:\d\d\.\d{3}\/GLOBAL\/sipwd: (.*)$/;

/** One message of every level goes to a log file; what has come there is returned. */
function logged(environment: LogEnvironment, suffix = ''): string {
  const file = join(temporaryFolder(), 'sip.log');
  const log = openLog({ SIPLOG_BEND: 'logfile', SIPLOG_LOGFILE_FILE: file, ...environment });
  log.debug(`debug${suffix}`);
  log.info(`info${suffix}`);
  log.warn(`warn${suffix}`);
  log.error(`error${suffix}`);
  log.fatal(`fatal${suffix}`);
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
}

const messages = (text: string) =>
  text
    .split('\n')
    .slice(0, -1)
    .map((line) => LINE.exec(line)?.[1]);

describe('the line', () => {
  const zone = process.env.TZ;
  beforeEach(() => {
    process.env.TZ = 'Asia/Kolkata';
  });
  afterEach(() => {
    if (zone === undefined) delete process.env.TZ;
    else process.env.TZ = zone;
  });

  test.each([
    ['two digits in the day', '2026-11-22T08:57:10.123Z', '22 Nov 14:27:10.123'],
    ['one digit in the day', '2026-05-02T00:30:00.000Z', '2 May 06:00:00.000'],
    ['small numbers everywhere', '2026-01-01T19:35:06.007Z', '2 Jan 01:05:06.007'],
    ['midnight', '2026-02-27T18:30:00.050Z', '28 Feb 00:00:00.050'],
  ])('when the time has %s, it is local time to the millisecond', (_, time, shown) => {
    expect(siplogLine(new Date(time), 'hello')).toBe(`${shown}/GLOBAL/sipwd: hello\n`);
  });

  test('when the time is taken, it is that of the message', () => {
    const before = Date.now();
    const line = logged({ SIPLOG_LVL: 'CRIT' });
    const span = Array.from({ length: Date.now() - before + 1 }, (_, ms) => siplogLine(new Date(before + ms), 'fatal'));
    expect(span).toContain(line);
  });
});

describe('the level', () => {
  test.each([
    ['DBUG', ['debug', 'info', 'warn', 'error', 'fatal']],
    ['INFO', ['info', 'warn', 'error', 'fatal']],
    ['WARN', ['warn', 'error', 'fatal']],
    ['ERR', ['error', 'fatal']],
    ['CRIT', ['fatal']],
    [undefined, ['info', 'warn', 'error', 'fatal']],
    ['', ['info', 'warn', 'error', 'fatal']],
    ['chatty', ['info', 'warn', 'error', 'fatal']],
  ])('when SIPLOG_LVL is %s, these are written: %s', (level, written) => {
    expect(messages(logged({ SIPLOG_LVL: level }))).toEqual(written);
  });
});

describe('the backend', () => {
  test('when it is logfile_async, nothing is kept back for later either', () => {
    expect(messages(logged({ SIPLOG_BEND: 'logfile_async' }))).toEqual(['info', 'warn', 'error', 'fatal']);
  });

  test('when it is none, nothing is written anywhere, whatever the level', async () => {
    const { runfile, binfile, pidfile } = testService();
    const call = ['--exit-if-down', runfile, binfile, pidfile, 'exit 9'];
    const silent = { env: { SIPLOG_BEND: 'none', SIPLOG_LVL: 'DBUG' } };
    expect(await sipwd(call, silent)).toMatchObject({ status: 1, stdout: '', stderr: '' });
  });

  test('when the log file is there already, lines are appended', () => {
    const file = join(temporaryFolder({ 'sip.log': 'of others\n' }), 'sip.log');
    openLog({ SIPLOG_BEND: 'logfile', SIPLOG_LOGFILE_FILE: file }).info('mine');
    expect(readFileSync(file, 'utf8')).toMatch(/^of others\n\d.*\/GLOBAL\/sipwd: mine\n$/);
  });

  test('when the log file is moved away meanwhile, as logrotate does, the next line makes a new one', () => {
    const file = join(temporaryFolder(), 'sip.log');
    const log = openLog({ SIPLOG_BEND: 'logfile', SIPLOG_LOGFILE_FILE: file });
    log.info('first');
    renameSync(file, `${file}.1`);
    log.info('second');
    expect(messages(readFileSync(file, 'utf8'))).toEqual(['second']);
  });
});

describe('the message', () => {
  test('when it holds control characters, it is one line all the same', () => {
    const text = logged({ SIPLOG_LVL: 'CRIT' }, ': a\nb\x1b[2J"\\');
    expect(messages(text)).toEqual(['fatal: a\\nb\\x1b[2J"\\']);
  });

  test('when it holds what pino takes for a format, it is left as it is', () => {
    expect(messages(logged({ SIPLOG_LVL: 'CRIT' }, ' %s %d %j %%'))).toEqual(['fatal %s %d %j %%']);
  });
});
