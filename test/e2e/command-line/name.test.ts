import { symlinkSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { messages } from '../../../src/log/messages.ts';
import { why } from '../../../src/log/reasons.ts';
import { rehearse } from '../../support/dry-run.ts';
import { failing, messagesOf, startLinesOf } from '../../support/log.ts';
import { lineOf } from '../../support/messages.ts';
import { startSleeper } from '../../support/process.ts';
import { type TestService, testService } from '../../support/service.ts';
import { QUIET, sipwd } from '../../support/sipwd.ts';

const NAME = 'mail relay';

/** What a service logs under another name. */
const renamed = ({ pidfile, command, pids }: TestService, name = NAME) => ({ name, pidfile, command, pids });

describe('--name', () => {
  test('when it is given, each line of a run begins with it', async () => {
    const service = testService();
    const run = await sipwd(['--name', NAME, ...service.args]);
    expect(run.status).toBe(0);
    expect(run.said).toEqual(startLinesOf(renamed(service), run.said));
  });

  test('when it is absent, lines begin with the base name of the binfile, symbolic links not followed', async () => {
    const service = testService();
    const link = service.path('alias');
    symlinkSync(service.binfile, link);
    const run = await sipwd(['-e', ...service.args.with(1, link)]);
    expect(run.said).toEqual([
      lineOf(messages.down(why.noPidfile(service.pidfile)), 'alias'),
      lineOf(messages.startNeeded(), 'alias'),
    ]);
  });

  test('when a run fails, its error has the name as well', async () => {
    const service = testService();
    const run = await sipwd(['--name', NAME, ...failing(service)]);
    expect(run).toMatchObject({ status: 3, said: messagesOf(renamed(service)) });
  });

  test('when SIPLOG_BEND is json, it is the field service', async () => {
    const service = testService();
    const { stderr } = await sipwd(['--name', NAME, ...failing(service)], { env: { SIPLOG_BEND: 'json' } });
    const names = stderr
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).service);
    expect(names).toEqual([NAME, NAME, NAME]);
  });

  test('when it is given to a dry run, the report has it', async () => {
    const { service } = await rehearse({ args: ['--name', NAME, ...testService().args] });
    expect(service.name).toBe(NAME);
  });

  test('when it contains control characters, a line stays one printable line', async () => {
    const service = testService();
    const name = 'a\n22 Nov 14:27:10.123/GLOBAL/sipwd: b\x1b[2J';
    const run = await sipwd(['--name', name, ...failing(service)]);
    expect(run.said).toEqual(messagesOf(renamed(service, name)));
    expect(run.stderr).not.toMatch(/[^\P{Cc}\n]/u);
  });

  test('when the service is healthy, nothing is logged', async () => {
    const service = testService();
    service.writePids(await startSleeper(service.binfile));
    expect(await sipwd(['--name', NAME, ...service.args])).toMatchObject(QUIET);
  });

  test.each(['', ' \n'])('when it is empty or blank (%j), nothing is started: exit 1', async (name) => {
    const service = testService();
    const run = await sipwd([`--name=${name}`, ...service.args]);
    expect(run.status).toBe(1);
    expect(run.events).toEqual(['usage']);
    expect(run.said[0]).toContain('--name');
    expect(service.starts).toBe(0);
  });
});
