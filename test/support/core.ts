import { accessSync, constants, readlinkSync } from 'node:fs';
import { whileSet } from './guard.ts';

const PATTERN = '/proc/sys/kernel/core_pattern';

/** The inode of the first PID namespace (PROC_PID_INIT_INO): core collectors run there, and get its PIDs. */
const FIRST_PID_NAMESPACE = 'pid:[4026531836]';

/** Whether core_pattern can be set: only by root of the machine itself, not of a container. */
export const canSetCorePattern = probe();

/** Sets core_pattern during a call. The machine has only one: a lock keeps concurrent test runs apart. */
export function withCorePattern<T>(pattern: string, act: () => Promise<T>): Promise<T> {
  const set = `exec 9<${PATTERN} && flock 9 && old=$(cat ${PATTERN}) && echo '${pattern}' >${PATTERN}`;
  return whileSet(set, `echo "$old" >${PATTERN}`, act);
}

/** Whether it is the core of a 64-bit little-endian process, and has every byte that its program headers announce. */
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
