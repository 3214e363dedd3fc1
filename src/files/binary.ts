import { type BigIntStats, realpathSync, statSync } from 'node:fs';
import { basename, isAbsolute, join } from 'node:path';
import { errnoOf, isAbsence } from './errno.ts';

/** The PATH of cron, `/usr/bin:/bin`, lacks some of them. */
const USUAL_DIRECTORIES = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];

/**
 * The directories in which a program is looked up.
 *
 * @param searchPath the value of PATH; relative and empty entries mean the working directory and are left out
 */
export function searchDirectories(searchPath: string | undefined): string[] {
  const directories = (searchPath ?? '').split(':').filter(isAbsolute);
  return [...new Set([...directories, ...USUAL_DIRECTORIES])];
}

/** A file that `<binfile>` resolves to. */
export interface ResolvedFile {
  readonly path: string;
  readonly device: bigint;
  readonly inode: bigint;
}

/** The `<binfile>` of a service. The files that it resolves to are looked up only when the base name does not match. */
export class Binary {
  readonly name: string;
  #resolved: readonly ResolvedFile[] | undefined;

  /**
   * @param binfile a path, or a bare name
   * @param searchPath the value of PATH, in which a bare name is looked up
   */
  constructor(
    readonly binfile: string,
    private readonly searchPath: string | undefined,
  ) {
    this.name = basename(binfile);
  }

  isNamed(path: string): boolean {
    return path.endsWith(`/${this.name}`);
  }

  /**
   * Every file that it can mean, symbolic links followed; none when there is no such file.
   *
   * @throws Error when that cannot be checked
   */
  get resolved(): readonly ResolvedFile[] {
    this.#resolved ??= this.#resolve();
    return this.#resolved;
  }

  /** The paths of those files; undefined when that cannot be checked. */
  get paths(): readonly string[] | undefined {
    try {
      return [...new Set(this.resolved.map(({ path }) => path))];
    } catch {
      return undefined;
    }
  }

  /**
   * Whether a running binary is such a file: by path, which an upgrade keeps, or by device and inode.
   *
   * @throws Error when that cannot be checked
   */
  isResolvedTo(path: string, file: () => BigIntStats | undefined): boolean {
    if (this.resolved.some((known) => known.path === path)) return true;
    if (this.resolved.length === 0) return false;
    const stats = file();
    return (
      stats !== undefined && this.resolved.some((known) => known.device === stats.dev && known.inode === stats.ino)
    );
  }

  #resolve(): ResolvedFile[] {
    if (this.binfile.includes('/')) return resolve(this.binfile);
    return searchDirectories(this.searchPath).flatMap((directory) => {
      try {
        return resolve(join(directory, this.binfile));
      } catch {
        // A shell, too, skips a directory that it cannot search.
        return [];
      }
    });
  }
}

/** Whether a path names just that file. */
export function isNameOf(path: string, file: BigIntStats): boolean {
  try {
    const named = statSync(path, { bigint: true });
    return named.ino === file.ino && named.dev === file.dev;
  } catch {
    return false;
  }
}

function resolve(candidate: string): ResolvedFile[] {
  try {
    const stats = statSync(candidate, { bigint: true });
    return stats.isFile() ? [{ path: realpathSync(candidate), device: stats.dev, inode: stats.ino }] : [];
  } catch (error) {
    if (isAbsence(error) || errnoOf(error) === 'ELOOP') return [];
    throw error;
  }
}
