import { closeSync, openSync, readdirSync, readFileSync, readlinkSync, readSync } from 'node:fs';
import { errnoOf, isAbsence } from '../failure.ts';

/** What came of a look at /proc: the value, nothing there (any more), or a refusal with its errno. */
export type Reading<T> =
  | { readonly kind: 'read'; readonly value: T }
  | { readonly kind: 'absent' }
  | { readonly kind: 'refused'; readonly errno: string };

/** A stat line has some 350 bytes, a status file some 1500, argv[0] at most a path. */
const BUFFER_BYTES = 8192;

/** Reads the files of a folder of small files; text is Latin-1: one byte, one character. */
export class Reader {
  readonly #root: string;
  readonly #buffer = Buffer.allocUnsafe(BUFFER_BYTES);

  constructor(root: string) {
    this.#root = root;
  }

  /** What one read(2) gives of a file. */
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

  /** The names in a folder; none when it cannot be read. */
  names(path: string): readonly string[] {
    const listing = attempt(() => readdirSync(`${this.#root}/${path}`));
    return listing.kind === 'read' ? listing.value : [];
  }
}

/** @throws whatever is no error of a system call */
export function attempt<T>(look: () => T): Reading<T> {
  try {
    return { kind: 'read', value: look() };
  } catch (error) {
    const errno = errnoOf(error);
    // ESRCH: the process went between open and read.
    if (isAbsence(error) || errno === 'ESRCH') return { kind: 'absent' };
    if (errno === undefined) throw error;
    return { kind: 'refused', errno };
  }
}
