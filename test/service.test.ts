import { describe, expect, test } from 'vitest';
import { EXIT, Failure } from '../src/failure.ts';
import { toService } from '../src/service.ts';
import { thrownBy } from './support/rights.ts';

const FOUR = ['/run/svc.runs', '/usr/sbin/svc', '/run/svc.pid', 'svc start'] as const;

function usage(positionals: readonly string[]): string {
  const error = thrownBy(() => toService(positionals));
  if (!Failure.is(error)) throw error;
  expect(error.status).toBe(EXIT.usage);
  expect(error.message).toMatch(/; see sipwd --help$/);
  return error.message.replace('; see sipwd --help', '');
}

describe('a service', () => {
  test('when there are four arguments, it has no force-restart file', () => {
    expect(toService(FOUR)).toEqual({
      runfile: '/run/svc.runs',
      binfile: '/usr/sbin/svc',
      pidfile: '/run/svc.pid',
      command: 'svc start',
      forceRestartFile: undefined,
    });
  });

  test('when there are five, the last is the force-restart file', () => {
    expect(toService([...FOUR, '/run/svc.force']).forceRestartFile).toBe('/run/svc.force');
  });

  test('when an argument has blanks around it, they belong to it', () => {
    expect(toService(['/run/ a ', ...FOUR.slice(1)]).runfile).toBe('/run/ a ');
  });
});

describe('a usage error', () => {
  test.each([
    [0, '<runfile>'],
    [1, '<binfile>'],
    [2, '<pidfile>'],
    [3, '<command>'],
  ])('when there are %d arguments, the first missing one is named: %s', (count, name) => {
    expect(usage(FOUR.slice(0, count))).toBe(`missing argument ${name}`);
  });

  test('when there are more than five, as of a command without quotes, that is asked about', () => {
    expect(usage([...FOUR, '/run/svc.force', 'now'])).toBe(
      '6 arguments where at most 5 are taken; is the command quoted?',
    );
  });

  test.each([
    [0, 'runfile'],
    [1, 'binfile'],
    [2, 'pidfile'],
    [3, 'command'],
    [4, 'force_restart_file'],
  ])('when argument %d is empty or blank, it is named: %s', (index, name) => {
    const five = [...FOUR, '/run/svc.force'];
    expect(usage(five.with(index, ''))).toBe(`the argument <${name}> is empty`);
    expect(usage(five.with(index, ' \n'))).toBe(`the argument <${name}> is empty`);
  });

  test('when an argument was not valid UTF-8, it is another name by now, and refused', () => {
    expect(usage(['/run/\uFFFD', ...FOUR.slice(1)])).toBe('the argument <runfile> is not valid UTF-8');
  });

  test.each(['/', '.', '..', '/usr/sbin/..', '//'])('when the binfile is %s, it names no file', (binfile) => {
    expect(usage(['/run/svc.runs', binfile, '/run/svc.pid', 'svc start'])).toBe('the argument <binfile> names no file');
  });
});
