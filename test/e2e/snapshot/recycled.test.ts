import { existsSync, readFileSync } from 'node:fs';
import { execa } from 'execa';
import { describe, expect, test } from 'vitest';
import { messages } from '../../../src/log/messages.ts';
import { because, why } from '../../../src/log/reasons.ts';
import { messagesIn } from '../../support/log.ts';
import { eventOf, lineOf, sent, TERM } from '../../support/messages.ts';
import { testService } from '../../support/service.ts';
import { PROGRAM } from '../../support/sipwd.ts';
import { isRoot } from '../../support/user.ts';

/**
 * Runs in a PID namespace of its own, where the next PID can be chosen (ns_last_pid). After a healthy run the process
 * is killed, and a stranger of the same binary gets its PID.
 */
const SCENE = `
set -u
# Snapshots of another PID namespace can name the same PID.
mkdir -p /run/sipwd && mount -t tmpfs -o mode=700 tmpfs /run/sipwd || exit 90
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
cp svc.pid pids
cut -d ' ' -f 22 /proc/$old/stat >times
kill -9 $old
while [ -e /proc/$old ]; do :; done
# The kernel frees the PID a moment after it has left /proc.
for try in $(seq 300); do
  echo $(( old - 1 )) >/proc/sys/kernel/ns_last_pid
  "$BIN" 1000 </dev/null >/dev/null 2>&1 &
  [ $! = $old ] && break
  kill -9 $!; wait $! 2>/dev/null
done
cut -d ' ' -f 22 /proc/$!/stat >>times
echo "$!" >stranger
eval "$MEANWHILE"
run
kill -0 $old && echo alive >fate
`;

/** Another program gets the PID of the second process. */
const RECYCLE_SECOND = `
second=$(sed -n 2p pids)
kill -9 $second
wait $second
for try in $(seq 300); do
  echo $(( second - 1 )) >/proc/sys/kernel/ns_last_pid
  sleep 1000 </dev/null >/dev/null 2>&1 &
  [ $! = $second ] && break
  kill -9 $!; wait $! 2>/dev/null
done
`;

const START = '"$BIN" 1000 </dev/null >/dev/null 2>&1 & echo $! >svc.pid; cp svc.pid started';

interface Play {
  readonly start?: string;
  readonly options?: string;
  readonly meanwhile?: string;
  /** the number of processes of the service; the PID of the first is recycled */
  readonly count?: number;
}

async function play({ start = START, options = '--term-timeout 1', meanwhile = '', count = 1 }: Play) {
  const service = testService();
  await execa('unshare', ['--pid', '--fork', '--mount-proc', '--kill-child', '/bin/sh', '-c', SCENE], {
    env: {
      ...{ DIR: service.dir, BIN: service.binfile, PROGRAM },
      ...{ START: start, OPTIONS: options, MEANWHILE: meanwhile, COUNT: String(count) },
    },
    reject: false,
  });
  const read = (name: string) => readFileSync(service.path(name), 'utf8');
  const numbersIn = (name: string) => read(name).trim().split('\n').map(Number);
  const [old = 0, ...others] = numbersIn('pids');
  expect(numbersIn('stranger')).toEqual([old]);
  expect(read('fate')).toBe('alive\n');
  const [recorded = 0, startTime = 0] = numbersIn('times');
  const said = messagesIn(read('log')).map(String);
  return {
    ...{ service, old, others, said, events: said.map(eventOf), statuses: numbersIn('status') },
    reason: `PID ${old} ${because.recycled(startTime, recorded)}`,
    started: existsSync(service.path('started')) ? numbersIn('started') : [],
  };
}

describe.skipIf(!isRoot)('a recycled PID in an unchanged pidfile (needs root, for a PID namespace)', () => {
  test('when a snapshot is stored, the service is started, and the stranger is not signalled', async () => {
    const { service, old, started, statuses, said, events, reason } = await play({});
    expect(statuses).toEqual([0, 0]);
    expect(said[0]).toBe(lineOf(messages.down(reason), service.name));
    expect(events).toEqual(['down', 'pidfileRemoved', 'starting', 'started']);
    expect(started).toEqual([expect.any(Number)]);
    expect(started).not.toEqual([old]);
  });

  test('when it is one of many, the others get SIGTERM, and the stranger is not signalled', async () => {
    const { service, old, others, started, statuses, said, events, reason } = await play({ count: 32 });
    expect(statuses).toEqual([0, 0]);
    expect(said[0]).toBe(lineOf(messages.down(reason), service.name));
    expect(others).toHaveLength(31);
    expect(said.filter((_, index) => events[index] === 'sent')).toEqual(sent(TERM, service, others));
    expect(started).not.toEqual([old]);
  });

  test('when another PID runs another program by now, the pidfile stays, and the service is started', async () => {
    const { started, statuses, events } = await play({ count: 2, meanwhile: RECYCLE_SECOND });
    expect(statuses).toEqual([0, 0]);
    expect(events).toEqual(['down', 'starting', 'started']);
    expect(started).toEqual([expect.any(Number)]);
  });

  test('when the start command writes no pidfile, the stranger is not taken for the service', async () => {
    const { service, statuses, said } = await play({ start: 'true', options: '--start-timeout 0.2' });
    expect(statuses).toEqual([0, 3]);
    expect(said.at(-1)).toBe(lineOf(messages.notUp(0.2, why.noPidfile('svc.pid')), service.name));
  });

  test('when the pidfile was written again after that, the process is the service', async () => {
    const { started, statuses, said } = await play({ meanwhile: 'echo "$old" >svc.pid' });
    expect({ started, statuses, said }).toEqual({ started: [], statuses: [0, 0], said: [] });
  });

  test('when --no-memory is given, the stranger is taken for the service', async () => {
    const { started, statuses, said } = await play({ options: '--no-memory' });
    expect({ started, statuses, said }).toEqual({ started: [], statuses: [0, 0], said: [] });
  });
});
