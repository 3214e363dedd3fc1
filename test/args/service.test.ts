import { describe, expect, test } from 'vitest';
import { toService } from '../../src/args/service.ts';
import { DEFAULT_SETTINGS } from '../../src/args/settings.ts';
import { FOUR, usageError } from '../support/usage.ts';

const usage = (positionals: readonly string[]) => usageError(() => toService(positionals, DEFAULT_SETTINGS));

describe('a service', () => {
  test('when there are four arguments, it has no force-restart file', () => {
    expect(toService(FOUR, DEFAULT_SETTINGS)).toEqual({
      name: 'svc',
      runfile: '/run/svc.runs',
      binfile: '/usr/sbin/svc',
      pidfile: '/run/svc.pid',
      command: 'svc start',
      forceRestartFile: undefined,
      settings: DEFAULT_SETTINGS,
    });
  });

  test('when there are five, the last is the force-restart file', () => {
    expect(toService([...FOUR, '/run/svc.force'], DEFAULT_SETTINGS).forceRestartFile).toBe('/run/svc.force');
  });

  test('when a name is given, it is the name of the service; otherwise the base name of the binfile', () => {
    expect(toService(FOUR, { ...DEFAULT_SETTINGS, name: 'proxy-1' }).name).toBe('proxy-1');
    expect(toService(FOUR, DEFAULT_SETTINGS).name).toBe('svc');
  });

  test('when an argument has blanks around it, they are kept', () => {
    expect(toService(['/run/ a ', ...FOUR.slice(1)], DEFAULT_SETTINGS).runfile).toBe('/run/ a ');
  });
});

describe('a usage error', () => {
  test.each([
    [0, '<runfile>'],
    [1, '<binfile>'],
    [2, '<pidfile>'],
    [3, '<command>'],
  ])('when there are %d arguments, the message names the first missing one: %s', (count, name) => {
    expect(usage(FOUR.slice(0, count))).toBe(`missing argument ${name}`);
  });

  test('when there are more than five, the message asks whether the command is quoted', () => {
    expect(usage([...FOUR, '/run/svc.force', 'now'])).toBe('too many arguments (6, at most 5); is the command quoted?');
  });

  test.each([
    [0, 'runfile'],
    [1, 'binfile'],
    [2, 'pidfile'],
    [3, 'command'],
    [4, 'force_restart_file'],
  ])('when argument %d is empty or blank, the message names it: %s', (index, name) => {
    const five = [...FOUR, '/run/svc.force'];
    expect(usage(five.with(index, ''))).toBe(`argument <${name}> is empty`);
    expect(usage(five.with(index, ' \n'))).toBe(`argument <${name}> is empty`);
  });

  test('when the force-restart file has no slash, the message asks whether the command is quoted', () => {
    expect(usage([...FOUR, 'start'])).toBe(
      'argument <force_restart_file> has no slash: "start"; is the command quoted?',
    );
  });

  test('when an argument is not valid UTF-8, it is a usage error', () => {
    expect(usage(['/run/\uFFFD', ...FOUR.slice(1)])).toBe('argument <runfile> is not valid UTF-8');
  });

  test.each(['/', '.', '..', '/usr/sbin/..', '//'])('when the binfile is %s, it is a usage error', (binfile) => {
    expect(usage(['/run/svc.runs', binfile, '/run/svc.pid', 'svc start'])).toBe(
      'argument <binfile> does not name a file',
    );
  });
});
