import { describe, expect, test } from 'vitest';
import { stateDirectory, stateName } from '../../../src/files/state-dir.ts';
import { excerpt } from '../../../src/log/escape.ts';
import { type Message, messages } from '../../../src/log/messages.ts';
import { because, evidence, why } from '../../../src/log/reasons.ts';
import { failing, messagesOf } from '../../support/log.ts';
import { lineOf, sent, TERM } from '../../support/messages.ts';
import { NO_PID, startSleeper } from '../../support/process.ts';
import { testService } from '../../support/service.ts';
import { QUIET, sipwd } from '../../support/sipwd.ts';

const LEVELS = 'DBUG, INFO, WARN, ERR, CRIT';

describe('SIPLOG_LVL', () => {
  const COUNTS = { INFO: 3, WARN: 2, ERR: 1, CRIT: 0 };
  for (const [SIPLOG_LVL, count] of Object.entries(COUNTS)) {
    test(`when it is ${SIPLOG_LVL}, ${count} of a warning, information and an error are logged`, async () => {
      const service = testService();
      const [warning, info, error] = messagesOf(service);
      const expected = { 3: [warning, info, error], 2: [warning, error], 1: [error], 0: [] }[count];
      const { status, said } = await sipwd(failing(service), { env: { SIPLOG_LVL } });
      expect({ status, said }).toEqual({ status: 3, said: expected });
    });
  }

  for (const SIPLOG_LVL of ['', 'warn', 'NOTICE', 'constructor']) {
    test(`when it is ${excerpt(SIPLOG_LVL)}, which is unknown, it is INFO, after a warning`, async () => {
      const service = testService();
      const { status, said } = await sipwd(failing(service), { env: { SIPLOG_LVL } });
      const warning = messages.unknownSetting('SIPLOG_LVL', excerpt(SIPLOG_LVL), 'INFO', LEVELS);
      expect({ status, said }).toEqual({ status: 3, said: [lineOf(warning), ...messagesOf(service)] });
    });
  }

  test('when it and SIPLOG_BEND are unknown and nothing else is to be logged, there is no warning', async () => {
    const service = testService();
    service.writePids(await startSleeper(service.binfile));
    expect(await sipwd(service.args, { env: { SIPLOG_BEND: 'x', SIPLOG_LVL: 'x' } })).toMatchObject(QUIET);
  });
});

describe('SIPLOG_LVL=DBUG', () => {
  const env = { SIPLOG_LVL: 'DBUG' };

  test('when the service is disabled, that is logged', async () => {
    const service = testService();
    const runfile = service.path('absent');
    const run = await sipwd(service.args.with(0, runfile), { env });
    expect(run).toMatchObject({ status: 0, said: [lineOf(messages.disabled(runfile), service.name)] });
  });

  test('when the service is healthy, each verdict with its evidence, the snapshot and the plan are logged', async () => {
    const service = testService();
    const pids = [await startSleeper(service.binfile), await startSleeper(service.binfile)];
    service.writePids(...pids);
    const lines = [
      ...pids.map((pid) => messages.verdict(pid, 'running', evidence.exe(service.binfile))),
      messages.planned('nothing', why.allRun()),
      messages.healthy(pids),
    ].map((message) => lineOf(message, service.name));
    expect(await sipwd(service.args, { env })).toMatchObject({ status: 0, said: lines });
    const snapshot = lineOf(messages.snapshotUsed(pids, []), service.name);
    expect(await sipwd(service.args, { env })).toMatchObject({ status: 0, said: [snapshot, ...lines] });
  });

  test('when the service is repaired, the lock, each plan and each wait are logged as well', async () => {
    const service = testService();
    const left = await startSleeper(service.binfile);
    service.writePids(left, NO_PID);
    const run = await sipwd(['--term-timeout', '3', '--start-timeout', '4', ...service.args], { env });
    const reason = `PID ${NO_PID} ${because.absent()}`;
    expect(run.status).toBe(0);
    const others = run.said.filter((_, index) => run.events[index] !== 'verdict' && run.events[index] !== 'planned');
    const line = (message: Message) => lineOf(message, service.name);
    expect(others.slice(0, -1)).toEqual([
      line(messages.locked(`${stateDirectory()}/${stateName(service.pidfile)}.lock`)),
      line(messages.down(reason)),
      ...sent(TERM, service, [left]),
      expect.stringContaining(line(messages.waiting('', 3))),
      line(messages.starting(service.command)),
      expect.stringContaining(line(messages.waiting('', 4))),
    ]);
    expect(run.events.filter((event) => event === 'waiting')).toHaveLength(2);
    expect(run.events.at(-1)).toBe('started');
    expect(run.linesOf('planned')[0]).toBe(line(messages.planned('clean up and start', reason)));
    expect(run.linesOf('verdict').slice(0, 2)).toEqual([
      line(messages.verdict(left, 'running', evidence.exe(service.binfile))),
      line(messages.verdict(NO_PID, 'gone', because.absent())),
    ]);
  });
});
