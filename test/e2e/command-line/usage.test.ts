import { describe, expect, test } from 'vitest';
import manifest from '../../../package.json' with { type: 'json' };
import { messages } from '../../../src/log/messages.ts';
import { quoted } from '../../support/caller.ts';
import { messagesIn } from '../../support/log.ts';
import { eventOf, lineOf } from '../../support/messages.ts';
import { testService } from '../../support/service.ts';
import { PROGRAM, type Run, sipwd } from '../../support/sipwd.ts';

/** One line on stderr, whatever the log is set to, that names what is wrong. */
function expectUsageError(run: Pick<Run, 'status' | 'stdout' | 'stderr'>, what: string): void {
  expect(run).toMatchObject({ status: 1, stdout: '' });
  const lines = messagesIn(run.stderr);
  expect(lines).toEqual([expect.stringContaining(what)]);
  expect(lines.map((line = '') => eventOf(line))).toEqual(['usage']);
}

const SILENT = { env: { SIPLOG_BEND: 'none', SIPLOG_LVL: 'CRIT' } };

describe('help and version', () => {
  test.each(['--help', '-h'])('with %s, the help goes to stdout: exit 0', async (option) => {
    const { status, stdout, stderr } = await sipwd([option]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(
      /^Usage: sipwd \[options\] <runfile> <binfile> <pidfile> <command> \[<force_restart_file>\]/,
    );
    for (const long of [
      ...['exit-if-down', 'dry-run', 'json', 'no-memory', 'name', 'help', 'version'],
      ...['term-timeout', 'abort-timeout', 'core-timeout', 'start-timeout'],
    ]) {
      expect(stdout).toContain(` --${long}`);
    }
  });

  test.each(['--version', '-V'])('with %s, the version goes to stdout: exit 0', async (option) => {
    expect(await sipwd([option])).toMatchObject({ status: 0, stdout: `${manifest.version}\n`, stderr: '' });
  });

  test('when there are arguments for a service as well, nothing is done to it', async () => {
    const service = testService();
    expect(await sipwd([...service.args, '--version'])).toMatchObject({ status: 0, stdout: `${manifest.version}\n` });
    expect(service.starts).toBe(0);
  });
});

describe('a usage error', () => {
  const NAMES = ['runfile', 'binfile', 'pidfile', 'command', 'force_restart_file'];

  for (const [count, name] of NAMES.slice(0, 4).entries()) {
    test(`when there are ${count} arguments, <${name}> is missing: exit 1`, async () => {
      const args = testService().args.slice(0, count);
      expectUsageError(await sipwd(args, SILENT), `<${name}>`);
      expectUsageError(await sipwd(['-e', ...args], SILENT), `<${name}>`);
    });
  }

  for (const [index, name] of NAMES.entries()) {
    test(`when <${name}> is empty or blank, nothing is started: exit 1`, async () => {
      const service = testService();
      for (const nothing of ['', ' \n']) {
        expectUsageError(await sipwd(service.args.with(index, nothing), SILENT), `<${name}>`);
      }
      expect(service.starts).toBe(0);
    });

    test(`when <${name}> is not UTF-8, nothing is started: exit 1`, async () => {
      const service = testService();
      const words = service.args.map(quoted).with(index, '"$(printf \'/tmp/a\\377b\')"');
      const script = `SIPLOG_BEND=none exec ${quoted(PROGRAM)} ${words.join(' ')}`;
      expectUsageError(await sipwd(['-c', script], {}, '/bin/sh'), `<${name}>`);
      expect(service.starts).toBe(0);
    });
  }

  test('when there are more than five arguments, as of a command without quotes, nothing is started', async () => {
    const service = testService();
    expectUsageError(await sipwd([...service.args, 'start'], SILENT), '6');
    expect(service.starts).toBe(0);
  });

  test.each(['/', '.', '..', '/usr/bin/..'])('when <binfile> is %s, nothing is started', async (binfile) => {
    const service = testService();
    expectUsageError(await sipwd(service.args.with(1, binfile), SILENT), '<binfile>');
    expect(service.starts).toBe(0);
  });

  test.each(['--no-such-option', '-x'])('when there is an unknown option %s, nothing is started', async (option) => {
    const service = testService();
    expectUsageError(await sipwd([option, ...service.args], SILENT), `'${option}'`);
    expect(service.starts).toBe(0);
  });

  test.each(['', 'soon', '-1', '1e3', '0x10', 'Infinity', '86401'])(
    'when a timeout is %j, nothing is started',
    async (seconds) => {
      const service = testService();
      expectUsageError(await sipwd([`--term-timeout=${seconds}`, ...service.args], SILENT), "'--term-timeout <s>'");
      expect(service.starts).toBe(0);
    },
  );

  test('when --json is used without -n, nothing is started', async () => {
    const service = testService();
    expectUsageError(await sipwd(['--json', ...service.args], SILENT), '--json');
    expect(service.starts).toBe(0);
  });
});

describe('the place of options', () => {
  for (let place = 0; place <= 5; place++) {
    test(`when options follow ${place} of the arguments, they are read`, async () => {
      const service = testService();
      const args = [...service.args.slice(0, place), '-e', '--term-timeout', '.5', ...service.args.slice(place)];
      const run = await sipwd(args);
      expect(run).toMatchObject({ status: 1, stdout: '' });
      expect(run.events).toEqual(['down', 'startNeeded']);
      expect(service.starts).toBe(0);
    });
  }

  test('when arguments begin with a dash, they follow --', async () => {
    const service = testService();
    service.write('-runs', '');
    const [, binfile, pidfile] = service.args;
    const run = await sipwd(['--', '-runs', binfile, pidfile, service.command, './-e'], { cwd: service.dir });
    expect(run.status).toBe(0);
    expect(run.linesOf('starting')).toEqual([lineOf(messages.starting(service.command), service.name)]);
    expect(service.starts).toBe(1);
  });
});
