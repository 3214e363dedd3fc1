import { existsSync, readFileSync } from 'node:fs';
import { execa } from 'execa';
import { describe, expect, test } from 'vitest';
import { NO_PID } from '../../support/process.ts';
import { testService } from '../../support/service.ts';
import { PROGRAM } from '../../support/sipwd.ts';
import { isRoot } from '../../support/user.ts';

/**
 * Runs in a PID namespace of its own, where the next PID can be chosen (ns_last_pid). The standard error of sipwd is a pipe
 * that is full: its first message, between the check and the signal, waits until there is room. Meanwhile the process is
 * killed, and another one started with the same PID.
 */
const SCENE = `
set -u
# Snapshots of another PID namespace can name the same PID.
mkdir -p /run/sipwd && mount -t tmpfs -o mode=700 tmpfs /run/sipwd || exit 90
cd "$DIR"
# A parent that reaps at once, so that the PID is free again.
( "$BIN" 1000 & echo $! >old; wait $! ) &
until [ -s old ]; do :; done
old=$(cat old)
printf '%s\\n${NO_PID}\\n' "$old" >svc.pid
mkfifo pipe
exec 4<>pipe
dd if=/dev/zero of=pipe bs=4096 oflag=nonblock 2>/dev/null
"$PROGRAM" "$DIR/svc.runs" "$BIN" "$DIR/svc.pid" 'touch started' $FORCE --start-timeout 0 --term-timeout 1 2>&4 &
sipwd=$!
# The number of write(2) on x64 or arm64, and the standard error (proc_pid_syscall(5)).
waits() { grep -qE '^(1|64) 0x2 ' /proc/$sipwd/syscall; }
until waits || [ ! -e /proc/$sipwd ]; do sleep 0.01; done
kill -9 $old
while [ -e /proc/$old ]; do :; done
# The kernel frees the PID a moment after it has left /proc.
for try in $(seq 300); do
  echo $(( old - 1 )) >/proc/sys/kernel/ns_last_pid
  "$BIN" 1000 </dev/null >/dev/null 2>&1 &
  [ $! = $old ] && break
  kill -9 $!; wait $! 2>/dev/null
done
echo $! >stranger
waits && : >waited
cat <&4 >/dev/null &
wait $sipwd
echo "$?" >status
kill -0 "$(cat stranger)" && echo alive >fate || echo dead >fate
`;

describe.skipIf(!isRoot)('a recycled PID (needs root, for a PID namespace)', () => {
  test.each(['SIGTERM', 'SIGABRT'])(
    'when a PID is recycled by a process of the same binary before %s, it is not signalled',
    async (signal) => {
      const service = testService();
      const force = signal === 'SIGABRT' ? service.write('svc.force', '') : '';
      await execa('unshare', ['--pid', '--fork', '--mount-proc', '--kill-child', '/bin/sh', '-c', SCENE], {
        env: { DIR: service.dir, BIN: service.binfile, PROGRAM, FORCE: force },
        reject: false,
      });
      const read = (name: string) => readFileSync(service.path(name), 'utf8').trim();
      expect(existsSync(service.path('waited'))).toBe(true);
      expect(read('stranger')).toBe(read('old'));
      expect(read('fate')).toBe('alive');
      expect(read('status')).toBe('0');
      expect(existsSync(service.path('started'))).toBe(true);
    },
  );
});
