import { closeSync, openSync, readdirSync, readFileSync, readSync, statfsSync } from 'node:fs';
import { join } from 'node:path';

/** A core of Node takes 10 to 100 MB on the disk. */
const ROOM_BYTES = 256 * 1024 ** 2;

/** e_type in a core: 16 bits at offset 16 (elf(5)). */
const ET_CORE = 4;

/**
 * Why a process with this working directory leaves no core in it.
 *
 * @param {string} directory
 * @returns {string | undefined} undefined: it leaves one
 */
export function whyNoCore(directory) {
  const pattern = readFileSync('/proc/sys/kernel/core_pattern', 'utf8').trim();
  if (pattern.startsWith('|')) return `the kernel passes each core to a program: ${pattern.slice(1).split(' ')[0]}`;
  if (pattern === '' || pattern.includes('/'))
    return `the kernel writes each core to "${pattern}", not into the working directory`;
  const limit = /^Max core file size +\S+ +(\S+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1];
  if (limit !== 'unlimited') return `the hard limit on the size of a core (ulimit -H -c) is ${limit}`;
  const { bavail, bsize } = statfsSync(directory);
  return bavail * bsize < ROOM_BYTES ? `there is not enough space in ${directory}` : undefined;
}

/**
 * @param {string} directory
 * @returns {string | undefined} the file name of the core in it; the kernel chooses the name
 */
export function findCore(directory) {
  return readdirSync(directory, { withFileTypes: true }).find(
    (entry) => entry.isFile() && isCore(join(directory, entry.name)),
  )?.name;
}

/** @param {string} path */
function isCore(path) {
  const head = Buffer.alloc(18);
  const descriptor = openSync(path, 'r');
  try {
    readSync(descriptor, head);
  } finally {
    closeSync(descriptor);
  }
  const isBigEndian = head[5] === 2;
  return (
    head.toString('latin1', 1, 4) === 'ELF' && (isBigEndian ? head.readUInt16BE(16) : head.readUInt16LE(16)) === ET_CORE
  );
}
