import { execa } from 'execa';
import { describe, expect, test } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import { quoted } from '../support/caller.ts';
import { testService } from '../support/service.ts';
import { PROGRAM, type Run, sipwd } from '../support/sipwd.ts';

/** One line on stderr, whatever the log is set to, that says what is wrong and where the usage is described. */
function expectUsageError(run: Run, problem: string): void {
  expect(run).toMatchObject({ status: 1, stdout: '', said: [`${problem}; see sipwd --help`] });
  expect(run.stderr).toMatch(/^\d+ \w{3} [\d:.]{12}\/GLOBAL\/sipwd: [^\n]+\n$/);
}

const SILENT = { env: { SIPLOG_BEND: 'none', SIPLOG_LVL: 'CRIT' } };

describe('questions', () => {
  for (const option of ['--help', '-h']) {
    test(`when asked with ${option}, the help goes to stdout, and the exit status is 0`, async () => {
      const { status, stdout, stderr } = await sipwd([option]);
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      expect(stdout).toMatch(
        /^Usage: sipwd \[options\] <runfile> <binfile> <pidfile> <command> \[<force_restart_file>\]/,
      );
      for (const long of ['exit-if-down', 'term-timeout', 'abort-timeout', 'core-timeout', 'start-timeout']) {
        expect(stdout).toContain(`--${long}`);
      }
    });
  }

  for (const option of ['--version', '-V']) {
    test(`when asked with ${option}, the version goes to stdout, and the exit status is 0`, async () => {
      expect(await sipwd([option])).toMatchObject({ status: 0, stdout: `${manifest.version}\n`, stderr: '' });
    });
  }

  test('when asked beside arguments for a service, nothing is done to it', async () => {
    const service = testService();
    expect(await sipwd([...service.args, '--version'])).toMatchObject({ status: 0, stdout: `${manifest.version}\n` });
    expect(service.starts).toBe(0);
  });
});

describe('usage errors', () => {
  const NAMES = ['runfile', 'binfile', 'pidfile', 'command', 'force_restart_file'];

  for (const [count, name] of NAMES.slice(0, 4).entries()) {
    test(`when there are ${count} arguments, <${name}> is said to be missing`, async () => {
      const args = testService().args.slice(0, count);
      expectUsageError(await sipwd(args, SILENT), `missing argument <${name}>`);
      expectUsageError(await sipwd(['-e', ...args], SILENT), `missing argument <${name}>`);
    });
  }

  for (const [index, name] of NAMES.entries()) {
    test(`when <${name}> is empty, or blank, that is said, and nothing is started`, async () => {
      const service = testService();
      for (const nothing of ['', ' \n']) {
        const run = await sipwd(service.args.with(index, nothing), SILENT);
        expectUsageError(run, `the argument <${name}> is empty`);
      }
      expect(service.starts).toBe(0);
    });

    test(`when <${name}> is not UTF-8, that is said, and nothing is started`, async () => {
      const service = testService();
      const words = service.args.map(quoted).with(index, '"$(printf \'/tmp/a\\377b\')"');
      const script = `SIPLOG_BEND=none exec ${quoted(PROGRAM)} ${words.join(' ')}`;
      const { exitCode, stderr } = await execa('/bin/sh', ['-c', script], { reject: false });
      const problem = `the argument <${name}> is not valid UTF-8; see sipwd --help`;
      expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: expect.stringMatching(`: ${problem}$`) });
      expect(service.starts).toBe(0);
    });
  }

  test('when there are more than five arguments, as of an unquoted command, that is said', async () => {
    const service = testService();
    const problem = '6 arguments where at most 5 are taken; is the command quoted?';
    expectUsageError(await sipwd([...service.args, 'start'], SILENT), problem);
    expect(service.starts).toBe(0);
  });

  for (const binfile of ['/', '.', '..', '/usr/bin/..']) {
    test(`when <binfile> is ${binfile}, which names no file, that is said`, async () => {
      const service = testService();
      expectUsageError(await sipwd(service.args.with(1, binfile), SILENT), 'the argument <binfile> names no file');
      expect(service.starts).toBe(0);
    });
  }

  for (const option of ['--no-such-option', '-x']) {
    test(`when there is an unknown option ${option}, that is said`, async () => {
      const service = testService();
      expectUsageError(await sipwd([option, ...service.args], SILENT), `unknown option '${option}'`);
      expect(service.starts).toBe(0);
    });
  }

  for (const seconds of ['', 'soon', '-1', '1e3', '0x10', 'Infinity', '86401']) {
    test(`when a timeout is "${seconds}", that is said`, async () => {
      const service = testService();
      const { status, said } = await sipwd([`--term-timeout=${seconds}`, ...service.args], SILENT);
      expect(status).toBe(1);
      expect(said).toEqual([expect.stringMatching(/^option '--term-timeout <s>' .*seconds.*; see sipwd --help$/)]);
      expect(service.starts).toBe(0);
    });
  }
});

describe('the place of options', () => {
  /** With -e, a service that is down is not started, and the exit status is 1. */
  const EXIT_IF_DOWN = { status: 1, stdout: '' };

  for (let place = 0; place <= 5; place++) {
    test(`when options stand behind ${place} of the arguments, they are taken`, async () => {
      const service = testService();
      const args = [...service.args.slice(0, place), '-e', '--term-timeout', '.5', ...service.args.slice(place)];
      const run = await sipwd(args);
      expect(run).toMatchObject(EXIT_IF_DOWN);
      expect(run.said.at(-1)).toContain('needs a start; not started, because of --exit-if-down');
      expect(service.starts).toBe(0);
    });
  }

  test('when arguments begin with a dash, they are taken behind --', async () => {
    const service = testService();
    for (const name of ['-runs', '-e']) service.write(name, '');
    const [, binfile, pidfile] = service.args;
    expect(await sipwd(['--', '-runs', binfile, pidfile, service.command, '-e'], { cwd: service.dir })).toMatchObject({
      status: 0,
      said: expect.arrayContaining([`starting ${binfile}: ${service.command}`]),
    });
    expect(service.starts).toBe(1);
  });
});
