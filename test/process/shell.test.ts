import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import type { Inheritance } from '../../src/process/inherited.ts';
import { shellArguments } from '../../src/process/shell.ts';

const nothing: Inheritance = { openFiles: undefined, ignored: [], blocked: [], undecoded: [] };

/** What the shell prints with these arguments. */
function printed(command: string, inherited: Partial<Inheritance>): string {
  return execFileSync('/bin/sh', shellArguments(command, { ...nothing, ...inherited }), { encoding: 'utf8' });
}

describe('the arguments of the shell', () => {
  test('when nothing must be restored, they are -c and the unchanged command', () => {
    expect(shellArguments(`echo "a  b" '$1' ; true`, nothing)).toEqual(['-c', `echo "a  b" '$1' ; true`]);
  });

  test('when something must be restored, the command is an argument of its own, not a part of the script', () => {
    const [flag, script, zero, command] = shellArguments(`'; exit 7 #`, { ...nothing, openFiles: '1024' });
    expect([flag, zero, command]).toEqual(['-c', '/bin/sh', `'; exit 7 #`]);
    expect(script).toBe('ulimit -S -n 1024\nexec /bin/sh -c "$1"');
  });

  test('when signals were ignored and blocked, the script restores the limit, then the ignored, then the blocked signals', () => {
    const [, script] = shellArguments('true', { openFiles: '64', ignored: [1, 15], blocked: [2, 10], undecoded: [] });
    expect(script?.split('\n')).toEqual([
      'ulimit -S -n 64',
      "trap '' 1 15",
      'if env --block-signal=2,10 true 2>/dev/null; then exec env --block-signal=2,10 /bin/sh -c "$1"; fi',
      'exec /bin/sh -c "$1"',
    ]);
  });
});

describe('what the command sees', () => {
  test('when the limit is restored, it is the soft limit', () => {
    expect(printed('ulimit -S -n', { openFiles: '64' })).toBe('64\n');
  });

  test('when something is restored, $# and $0 are the same as without', () => {
    const command = 'echo "$# $0"';
    expect(printed(command, { openFiles: '64', ignored: [1], blocked: [10], undecoded: [] })).toBe(
      printed(command, {}),
    );
  });

  test('when signals were ignored, the command ignores them', () => {
    const status = printed('cat /proc/self/status', { ignored: [1, 12] });
    expect(Number.parseInt(/^SigIgn:\t(.*)$/m.exec(status)?.[1] ?? '', 16) & 0b1000_0000_0001).toBe(0b1000_0000_0001);
  });

  test('when a variable is not UTF-8, the command has the same bytes, including line feeds at the end', () => {
    const bytes = `\xfc\x017'"$(exit 9)\\%s\n\n`;
    const seen = printed('printf %s "$SUBJECT" | od -An -v -tx1', { undecoded: [{ name: 'SUBJECT', bytes }] });
    expect(seen.replaceAll(/\s/g, '')).toBe(Buffer.from(bytes, 'latin1').toString('hex'));
  });
});
