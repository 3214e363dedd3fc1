import { describe, expect, test } from 'vitest';
import { readOptions } from '../../src/args/options.ts';
import { DEFAULT_SETTINGS } from '../../src/args/settings.ts';
import { EXIT } from '../../src/exit.ts';
import { sipwd } from '../support/sipwd.ts';
import { FOUR, usageError } from '../support/usage.ts';

function read(...args: readonly string[]) {
  const call = readOptions(args);
  if (call.kind !== 'run') throw new Error(`the call is: ${call.kind}`);
  return call;
}

const usage = (...args: readonly string[]) => usageError(() => readOptions(args));

describe('options', () => {
  test('when there is none, the settings are the defaults', () => {
    expect(read(...FOUR)).toEqual({ kind: 'run', positionals: FOUR, settings: DEFAULT_SETTINGS });
  });

  test.each(['-e', '--exit-if-down'])('when %s is given, a service that is down is not started', (option) => {
    expect(read(option, ...FOUR)).toMatchObject({ positionals: FOUR, settings: { exitIfDown: true } });
  });

  test.each([
    ['--term-timeout', 'term'],
    ['--abort-timeout', 'abort'],
    ['--core-timeout', 'core'],
    ['--start-timeout', 'start'],
  ])('when %s is given, it sets that timeout and no other', (option, name) => {
    const timeouts = { ...DEFAULT_SETTINGS.timeouts, [name]: 1500 };
    expect(read(option, '1.5', ...FOUR).settings.timeouts).toEqual(timeouts);
    expect(read(`${option}=1.5`, ...FOUR).settings.timeouts).toEqual(timeouts);
  });

  test.each([
    ['0', 0],
    ['0.001', 1],
    ['.25', 250],
    ['3.', 3000],
    ['08', 8000],
    ['86400', 86_400_000],
  ])('when a timeout is %s s, it is %d ms', (text, ms) => {
    expect(read('--term-timeout', text, ...FOUR).settings.timeouts.term).toBe(ms);
  });

  test.each(['', ' ', '.', '-1', '+1', '1e3', '0x10', '8s', '8,5', 'Infinity', 'NaN', '86400.1', '99999999999'])(
    'when a timeout is "%s", the usage error says what is allowed',
    (text) => {
      expect(usage(`--term-timeout=${text}`, ...FOUR)).toMatch(/'--term-timeout <s>'.* It must be seconds, 0 to 86400/);
    },
  );

  test('when options follow the arguments, or are between them, they count', () => {
    const [runfile, ...rest] = FOUR;
    expect(read(runfile, '-e', ...rest, '--start-timeout', '2')).toMatchObject({
      positionals: FOUR,
      settings: { exitIfDown: true, timeouts: { start: 2000 } },
    });
  });

  test('when there are too few or too many arguments, they are passed on unchecked', () => {
    expect(read('-e').positionals).toEqual([]);
    expect(read('-e', ...FOUR, '/run/svc.force', 'now').positionals).toHaveLength(6);
  });

  test('when --on-event is given, it is the command for events', () => {
    expect(read('--on-event', 'page me', ...FOUR).settings.onEvent).toBe('page me');
  });

  test('when there is --, everything after it is an argument', () => {
    expect(read('-e', '--', ...FOUR.slice(0, 3), '-command')).toMatchObject({
      positionals: [...FOUR.slice(0, 3), '-command'],
    });
  });
});

describe('a usage error', () => {
  test('when an option is unknown, the message names it, and the most similar option', () => {
    expect(usage('--frobnicate', ...FOUR)).toBe("unknown option '--frobnicate'");
    expect(usage('--term-timeot', '3', ...FOUR)).toBe("unknown option '--term-timeot' (Did you mean --term-timeout?)");
  });

  test.each(['--name', '--on-event', '--table'])('when %s is empty, the message names it', (option) => {
    for (const value of ['', ' ']) expect(usage(option, value)).toBe(`option ${option} is empty`);
  });

  test('when --on-event is not UTF-8, it is refused: it would be another command', () => {
    expect(usage('--on-event', 'a\uFFFD', ...FOUR)).toBe('option --on-event is not valid UTF-8');
  });

  test('when the value of an option is missing, the message names the option', () => {
    expect(usage(...FOUR, '--term-timeout')).toMatch(/'--term-timeout <s>'.*missing/);
  });

  test.each([
    ['no arguments', []],
    ['too few arguments', ['/run/svc.runs']],
    ['an empty argument', ['/run/svc.runs', '', '/run/svc.pid', 'svc start']],
    ['an unknown option', ['--frobnicate', ...FOUR]],
  ])('when the call has %s, the message is one line on stderr: exit 1', async (_, args) => {
    const run = await sipwd(args, { env: { SIPLOG_BEND: 'none' } });
    expect(run).toMatchObject({ status: 1, stdout: '', said: [expect.stringMatching(/; see sipwd --help$/)] });
    expect(run.stderr).not.toContain('\\n');
  });
});

describe('help and version', () => {
  test.each(['-h', '--help'])(
    'when there is %s, the help on stdout lists the options and every exit status',
    async (option) => {
      const run = await sipwd([option]);
      expect(run).toMatchObject({ status: 0, stderr: '' });
      expect(run.stdout).toMatch(
        /^Usage: sipwd \[options\] <runfile> <binfile> <pidfile> <command> \[<force_restart_file>\]/,
      );
      for (const name of [
        '-e, --exit-if-down',
        '--term-timeout',
        '--abort-timeout',
        '--core-timeout',
        '--start-timeout',
      ]) {
        expect(run.stdout).toContain(name);
      }
      for (const status of new Set(Object.values(EXIT)))
        expect(run.stdout).toMatch(new RegExp(`^  ${status} +\\S`, 'm'));
    },
  );

  test.each(['-V', '--version'])('when there is %s, only the version is printed', async (option) => {
    const { default: manifest } = await import('../../package.json', { with: { type: 'json' } });
    expect(await sipwd([option])).toMatchObject({ status: 0, stdout: `${manifest.version}\n`, stderr: '' });
  });
});
