import { closeSync, openSync, readdirSync, readFileSync, readlinkSync, readSync } from 'node:fs';
import { errnoOf, isAbsence } from '../files/errno.ts';

/** The result of reading something in /proc. */
export type Reading<T> =
  | { readonly kind: 'read'; readonly value: T }
  | { readonly kind: 'absent' }
  | { readonly kind: 'refused'; readonly errno: string };

/** A stat line has some 350 bytes, a status file some 1500. */
const BUFFER_BYTES = 8192;

/** Reads the small files below a directory; text is Latin-1: one byte, one character. */
export class Reader {
  readonly #root: string;
  readonly #buffer = Buffer.allocUnsafe(BUFFER_BYTES);

  constructor(root: string) {
    this.#root = root;
  }

  /** What one read(2) of a file gives. */
  head(path: string): Reading<string> {
    return attempt(() => {
      const descriptor = openSync(`${this.#root}/${path}`, 'r');
      try {
        const length = readSync(descriptor, this.#buffer, 0, BUFFER_BYTES, null);
        return this.#buffer.toString('latin1', 0, length);
      } finally {
        closeSync(descriptor);
      }
    });
  }

  whole(path: string): Reading<string> {
    return attempt(() => readFileSync(`${this.#root}/${path}`, 'latin1'));
  }

  link(path: string): Reading<string> {
    return attempt(() => readlinkSync(`${this.#root}/${path}`));
  }

  /** The names in a directory; none when it cannot be read. */
  names(path: string): readonly string[] {
    const listing = this.list(path);
    return listing.kind === 'read' ? listing.value : [];
  }

  list(path: string): Reading<string[]> {
    return attempt(() => readdirSync(`${this.#root}/${path}`));
  }
}

/** @throws Error that is not a failed system call */
export function attempt<T>(read: () => T): Reading<T> {
  try {
    return { kind: 'read', value: read() };
  } catch (error) {
    const errno = errnoOf(error);
    // ESRCH: the process exited between open and read.
    if (isAbsence(error) || errno === 'ESRCH') return { kind: 'absent' };
    if (errno === undefined) throw error;
    return { kind: 'refused', errno };
  }
}
