import { readFileSync, readSync } from 'node:fs';

/** Room for some eight thousand PIDs; a larger file is no pidfile. Most snapshots are smaller as well. */
export const MOST_SMALL_BYTES = 64 * 1024;

/** For one file after the other. */
let buffer: Buffer | undefined;

/**
 * Reads an open file to its end: the size may change meanwhile. As a rule, that takes one read(2).
 *
 * @param size as fstat(2) gave it: files of /proc have none
 * @returns valid until the next call; undefined when the file is larger than 64 KiB
 */
export function readSmall(descriptor: number, size: number): Buffer | undefined {
  buffer ??= Buffer.allocUnsafe(MOST_SMALL_BYTES + 1);
  let length = 0;
  while (length < buffer.length) {
    const count = readSync(descriptor, buffer, length, buffer.length - length, null);
    length += count;
    if (length <= MOST_SMALL_BYTES && (count === 0 || length === size)) return buffer.subarray(0, length);
  }
  return undefined;
}

/** The text of an open file, whatever its size. */
export function readText(descriptor: number, size: number): string {
  const small = size <= MOST_SMALL_BYTES ? readSmall(descriptor, size) : undefined;
  // From here on, if it has grown: then it is not what was asked for, and cannot be parsed.
  return small?.toString() ?? readFileSync(descriptor, 'utf8');
}
