import { readFileSync, readSync } from 'node:fs';

/** Most snapshots are smaller. */
const BUFFER_BYTES = 16 * 1024;

let buffer: Buffer | undefined;

/**
 * The text of an open file. A small one takes one read(2), and a buffer that all share.
 *
 * @param size as fstat(2) gave it
 */
export function readText(descriptor: number, size: number): string {
  if (size >= BUFFER_BYTES) return readFileSync(descriptor, 'utf8');
  buffer ??= Buffer.allocUnsafe(BUFFER_BYTES);
  let length = 0;
  // The size may change meanwhile.
  do {
    const count = readSync(descriptor, buffer, length, BUFFER_BYTES - length, null);
    if (count === 0) break;
    length += count;
  } while (length !== size);
  return buffer.toString('utf8', 0, length);
}
