import { existsSync, readFileSync } from 'node:fs';
import { execa } from 'execa';
import { describe, expect, test } from 'vitest';
import { recordOf } from '../support/crew.ts';
import { testService } from '../support/service.ts';
import { PROGRAM } from '../support/sipwd.ts';
import { isRoot } from '../support/user.ts';

/**
 * Runs in a PID namespace of its own, where the next PID can be chosen (ns_last_pid). After a healthy run the process
 * is killed and a stranger of the same binary gets its PID.
 */
const SCENE = `
set -u
cd "$DIR"
# A parent that reaps at once, so that the PID is free again.
( "$BIN" 1000 & echo $! >svc.pid; wait $! ) &
until [ -s svc.pid ]; do :; done
old=$(cat svc.pid)
i=1; while [ $(( i += 1 )) -le $COUNT ]; do
  "$BIN" 1000 & echo $! >>svc.pid
  until [ /proc/$!/exe -ef "$BIN" ]; do :; done
done
run() { "$PROGRAM" $OPTIONS svc.runs "$BIN" svc.pid "$START" 2>>log; echo "$?" >>status; }
START=false run
[ $COUNT = 1 ] || { grep -q '"glance"' "$RECORD" && START=false run; }
kill -9 $old
while [ -e /proc/$old ]; do :; done
for try in 1 2 3 4 5 6 7 8 9 10; do
  echo $(( old - 1 )) >/proc/sys/kernel/ns_last_pid
  "$BIN" 1000 </dev/null >/dev/null 2>&1 &
  [ $! = $old ] && break
  kill -9 $!
done
echo "$old $!" >stranger
eval "$MEANWHILE"
run
kill -0 $old && echo alive >fate
`;

const STARTS = '"$BIN" 1000 </dev/null >/dev/null 2>&1 & echo $! >svc.pid; cp svc.pid started';

interface Play {
  readonly start?: string;
  readonly options?: string;
  readonly meanwhile?: string;
  /** the number of processes of the service; the first is the one whose PID is recycled */
  readonly count?: number;
}

async function play({ start = STARTS, options = '--term-timeout 1', meanwhile = '', count = 1 }: Play) {
  const service = testService();
  await execa('unshare', ['--pid', '--fork', '--mount-proc', '--kill-child', '/bin/sh', '-c', SCENE], {
    env: {
      ...{ DIR: service.dir, BIN: service.binfile, PROGRAM, RECORD: await recordOf(service) },
      ...{ START: start, OPTIONS: options, MEANWHILE: meanwhile, COUNT: String(count) },
    },
    reject: false,
  });
  const read = (name: string) => readFileSync(service.path(name), 'utf8').trim();
  const [old, stranger] = read('stranger').split(' ');
  expect(stranger).toBe(old);
  expect(read('fate')).toBe('alive');
  const started = existsSync(service.path('started')) ? read('started') : undefined;
  return { old, started, statuses: read('status').split('\n'), log: read('log') };
}

describe.skipIf(!isRoot)('a recycled PID in a pidfile that has not changed (needs root, for a PID namespace)', () => {
  test('when the service was seen healthy before, that is said, it is started, and the stranger lives', async () => {
    const { old, started, statuses, log } = await play({});
    expect(statuses).toEqual(['0', '0']);
    expect(log.split('\n')[0]).toMatch(
      new RegExp(` is down: PID ${old} was recycled: it started at \\d+, not at \\d+ \\(clock ticks from boot\\)$`),
    );
    expect(log).not.toContain('SIG');
    expect(started).toMatch(/^\d+$/);
    expect(started).not.toBe(old);
  });

  test('when it was one of many that were known at a glance, that is said, and the stranger gets no signal', async () => {
    const { old, started, statuses, log } = await play({ count: 32 });
    expect(statuses).toEqual(['0', '0', '0']);
    expect(log).toMatch(new RegExp(` is down: PID ${old} was recycled: `));
    expect(log.match(/sent SIGTERM and SIGCONT to PID \d+/g)).toHaveLength(31);
    expect(log).not.toContain(`to PID ${old} `);
    expect(started).not.toBe(old);
  });

  test('when the start command leaves the pidfile as it is, the stranger does not pass for the service', async () => {
    const { old, statuses, log } = await play({ start: 'true', options: '--start-timeout 0.2' });
    expect(statuses).toEqual(['0', '3']);
    expect(log).toMatch(new RegExp(`did not come up within 0.2 s.*: PID ${old} was recycled: `));
  });

  test('when the pidfile was written again since, the process is the service', async () => {
    const { started, statuses, log } = await play({ meanwhile: 'echo "$old" >svc.pid' });
    expect(statuses).toEqual(['0', '0']);
    expect(log).toBe('');
    expect(started).toBeUndefined();
  });

  test('when memory is turned off, it cannot be told from the service', async () => {
    const { statuses, log } = await play({ options: '--no-memory' });
    expect(statuses).toEqual(['0', '0']);
    expect(log).toBe('');
  });
});
