import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readOptions } from '../../src/args/options.ts';
import { readPlain } from '../../src/args/plain.ts';
import { DEFAULT_SETTINGS, type Settings } from '../../src/args/settings.ts';
import { Exit } from '../../src/exit.ts';
import { expectToHold } from '../support/seed.ts';
import { FOUR } from '../support/usage.ts';

const plain = (...args: readonly string[]) => readPlain(args, DEFAULT_SETTINGS);

const VALUED = [
  ...['--name', '--on-event', '--metrics-dir', '--table', '--backoff'],
  ...['--term-timeout', '--abort-timeout', '--core-timeout', '--start-timeout'],
];

/** What the option parser says; undefined: a usage error. */
function parsed(args: readonly string[], defaults: Settings) {
  try {
    return readOptions(args, defaults);
  } catch (error) {
    if (error instanceof Exit) return undefined;
    throw error;
  }
}

describe('a plain command line', () => {
  test('when all options have a value in a word of its own, it is read', () => {
    expect(plain(...FOUR)).toEqual({ kind: 'run', positionals: FOUR, settings: DEFAULT_SETTINGS });
    const options = ['--name', 'a', '--metrics-dir', '/m', '--on-event', 'page me', '--backoff', '60'];
    expect(plain(...options, ...FOUR, '--start-timeout', '1.5')).toEqual({
      kind: 'run',
      positionals: FOUR,
      settings: {
        ...DEFAULT_SETTINGS,
        ...{ name: 'a', metricsDir: '/m', onEvent: 'page me', backoff: 60_000 },
        timeouts: { ...DEFAULT_SETTINGS.timeouts, start: 1500 },
      },
    });
    expect(plain('--table', 't', '--name', 'a')).toMatchObject({ kind: 'table', table: 't', settings: { name: 'a' } });
  });

  test.each([
    ['-n', ...FOUR],
    ['--name=a', ...FOUR],
    ['--name', '', ...FOUR],
    ['--name', '-a', ...FOUR],
    ['--metrics-dir', '\uFFFD', ...FOUR],
    ['--backoff', 'x', ...FOUR],
    [...FOUR, '--name'],
    ['--table', 't', ...FOUR],
    ['--', ...FOUR],
    ['--help'],
  ])('when it is %s …, the option parser must read it', (...args) => {
    expect(plain(...args)).toBeUndefined();
  });

  test('when any words are read, the result is that of the option parser', () => {
    const word = fc.constantFrom(...VALUED, '-e', '--no-memory', '--', '-', '', 'a', '1.5', '0', '1e3', '/m', '\uFFFD');
    const defaults = fc.constantFrom<Settings>(
      DEFAULT_SETTINGS,
      { ...DEFAULT_SETTINGS, snapshot: 'none' },
      { ...DEFAULT_SETTINGS, name: 'n', exitIfDown: true, backoff: 1000, onEvent: 'e', metricsDir: 'd' },
    );
    let count = 0;
    expectToHold(
      fc.property(fc.array(word, { maxLength: 7 }), defaults, (args, settings) => {
        const call = readPlain(args, settings);
        if (call === undefined) return;
        count++;
        expect(call).toEqual(parsed(args, settings));
      }),
      3000,
    );
    expect(count).toBeGreaterThan(100);
  });
});
