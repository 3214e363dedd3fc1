import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants, readlinkSync } from 'node:fs';
import { until } from './wait.ts';

const PATTERN = '/proc/sys/kernel/core_pattern';

/** The inode of the first PID namespace (PROC_PID_INIT_INO): collectors run there, and get its PIDs. */
const FIRST_PID_NAMESPACE = 'pid:[4026531836]';

/** Whether this is root on the machine itself, who decides what becomes of cores. */
export const canSetCorePattern = probe();

/**
 * Puts back what was there when its standard input ends: when the test is over, and also when the test run was killed.
 * The lock keeps the test runs of one machine apart.
 */
const GUARD = `
  trap '' HUP INT TERM
  old=$(cat ${PATTERN})
  printf '%s\\n' "$1" >${PATTERN} && echo set
  cat >/dev/null
  printf '%s\\n' "$old" >${PATTERN}`;

/** Does something while the kernel has another core_pattern, which is one for the whole machine. */
export async function withCorePattern<T>(pattern: string, act: () => Promise<T>): Promise<T> {
  const guard = spawn('flock', [PATTERN, 'sh', '-c', GUARD, 'sh', pattern], {
    detached: true,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const over = once(guard, 'exit');
  let isSet = false;
  guard.stdout.once('data', () => {
    isSet = true;
  });
  try {
    await until(`core_pattern is ${pattern}`, () => isSet, 20_000);
    return await act();
  } finally {
    guard.stdin.end();
    await over;
  }
}

/** Whether it is the core of a 64-bit little-endian process, with every byte that its program headers announce. */
export function isCompleteCore(core: Buffer): boolean {
  const ET_CORE = 4;
  if (core.toString('latin1', 0, 4) !== '\x7fELF' || core.readUInt16LE(16) !== ET_CORE) return false;
  const [headers, size, count] = [Number(core.readBigUInt64LE(32)), core.readUInt16LE(54), core.readUInt16LE(56)];
  return Array.from({ length: count }, (_, index) => headers + index * size).every((header) => {
    if (header + size > core.length) return false;
    return core.readBigUInt64LE(header + 8) + core.readBigUInt64LE(header + 32) <= core.length;
  });
}

function probe(): boolean {
  try {
    accessSync(PATTERN, constants.W_OK);
    return readlinkSync('/proc/self/ns/pid') === FIRST_PID_NAMESPACE;
  } catch {
    return false;
  }
}
