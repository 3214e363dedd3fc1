import { accessSync, constants, existsSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { whileSet } from './guard.ts';
import { startSleeper } from './process.ts';
import type { TestService } from './service.ts';
import { until } from './wait.ts';

const PATTERN = '/proc/sys/kernel/core_pattern';

/** The inode of the first PID namespace (PROC_PID_INIT_INO): core collectors run there, and get its PIDs. */
const FIRST_PID_NAMESPACE = 'pid:[4026531836]';

/** Whether core_pattern can be set: only by root of the machine itself, not of a container. */
export const canSetCorePattern = probe();

/** Whether a test can have cores that are not piped to a program. */
export const canHaveCoreFiles = canSetCorePattern || !/^[|@]/.test(readFileSync(PATTERN, 'latin1'));

/** Sets core_pattern during a call. The machine has only one: a lock keeps concurrent test runs apart. */
export function withCorePattern<T>(pattern: string, act: () => Promise<T>): Promise<T> {
  const set = `exec 9<${PATTERN} && flock 9 && old=$(cat ${PATTERN}) && echo '${pattern}' >${PATTERN}`;
  return whileSet(set, `echo "$old" >${PATTERN}`, act);
}

/** During a call, a core is a file: another test may have set a core_pattern, or be about to. */
export function withCoreFiles<T>(act: () => Promise<T>): Promise<T> {
  return canSetCorePattern ? withCorePattern('core', act) : act();
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

/** A process of the service whose core the collector does not read yet; `release` lets it, and returns what it read. */
export async function heldProcess(service: TestService) {
  const pid = await startSleeper(service.binfile, 'ulimit -c unlimited');
  const [hold, core] = [service.write(`hold.${pid}`, ''), service.path(`core.${pid}`)];
  const release = async () => {
    rmSync(hold);
    await until('the collector is ready', () => existsSync(core));
    return readFileSync(core);
  };
  return { pid, release };
}

/** A core_pattern: a collector that reads nothing while it is on hold. It discards cores of other processes. */
export function collector(service: TestService): string {
  const script = `#!/bin/sh
    hold=${service.path('hold')}.$1 core=${service.path('core')}.$1
    [ -e $hold ] || exec cat >/dev/null
    rest=1500 # some 30 s: its end if the test run was killed
    while [ -e $hold ] && [ $((rest -= 1)) -gt 0 ]; do sleep 0.02; done
    cat >$core.part && mv $core.part $core`;
  return `|${service.write('collect', script, 0o755)} %P`;
}

function probe(): boolean {
  try {
    accessSync(PATTERN, constants.W_OK);
    return readlinkSync('/proc/self/ns/pid') === FIRST_PID_NAMESPACE;
  } catch {
    return false;
  }
}
