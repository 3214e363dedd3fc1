import { closeSync, openSync, readdirSync, readFileSync, readSync, statfsSync } from 'node:fs';
import { join } from 'node:path';

/** A core of Node takes 10 to 100 MB of the disk. */
const ROOM_BYTES = 256 * 1024 ** 2;

/** elf(5): what e_type, the 16 bits at offset 16, is in a core. */
const ET_CORE = 4;

/**
 * Why no core can be had in a folder: the system keeps them elsewhere, or nowhere.
 *
 * @param {string} folder
 * @returns {string | undefined} undefined: it can
 */
export function whyNoCore(folder) {
  const pattern = readFileSync('/proc/sys/kernel/core_pattern', 'utf8').trim();
  if (pattern.startsWith('|')) return `the kernel hands each core to a program, ${pattern.slice(1).split(' ')[0]}`;
  if (pattern === '' || pattern.includes('/')) return `the kernel writes cores to "${pattern}", not into this folder`;
  const limit = /^Max core file size +\S+ +(\S+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1];
  if (limit !== 'unlimited') return `the hard limit on the size of a core (ulimit -H -c) is ${limit} here`;
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize < ROOM_BYTES ? `there is too little room in ${folder}` : undefined;
}

/**
 * @param {string} folder
 * @returns {string | undefined} the name of the core in it, whatever it is called
 */
export function findCore(folder) {
  return readdirSync(folder, { withFileTypes: true }).find(
    (entry) => entry.isFile() && isCore(join(folder, entry.name)),
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
