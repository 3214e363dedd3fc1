import { type BigIntStats, realpathSync, statSync } from 'node:fs';
import { basename, isAbsolute, join } from 'node:path';
import { errnoOf, isAbsence } from '../failure.ts';

/** Where programs live when the PATH of cron, `/usr/bin:/bin`, does not say. */
const USUAL_FOLDERS = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];

/**
 * The folders in which a program is looked up.
 *
 * @param searchPath the value of PATH. What is relative in it, or empty, is whatever the working directory holds
 */
export function searchFolders(searchPath: string | undefined): string[] {
  const folders = (searchPath ?? '').split(':').filter(isAbsolute);
  return [...new Set([...folders, ...USUAL_FOLDERS])];
}

/** A file that `<binfile>` resolves to. */
export interface ResolvedFile {
  readonly path: string;
  readonly device: bigint;
  readonly inode: bigint;
}

/** The `<binfile>` of a service: its base name at once, the files behind it when somebody asks. */
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

  /** Whether the path of a running binary ends in its base name. */
  isNamed(path: string): boolean {
    return path.endsWith(`/${this.name}`);
  }

  /**
   * Every file that it can mean, symlinks followed. None when there is no such file: a binary can be deleted.
   *
   * @throws Error when there may be one, but it cannot be looked at
   */
  get resolved(): readonly ResolvedFile[] {
    this.#resolved ??= this.#resolve();
    return this.#resolved;
  }

  /** The paths of those files, each once; undefined when they cannot be looked at. */
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
   * @throws Error when that cannot be told
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
    return searchFolders(this.searchPath).flatMap((folder) => {
      try {
        return resolve(join(folder, this.binfile));
      } catch {
        // As for a shell: what is in a folder that cannot be searched is not meant.
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

/** None when there is no such file, or when it is unlinked between the two looks: by an upgrade, for one. */
function resolve(candidate: string): ResolvedFile[] {
  try {
    const stats = statSync(candidate, { bigint: true });
    return stats.isFile() ? [{ path: realpathSync(candidate), device: stats.dev, inode: stats.ino }] : [];
  } catch (error) {
    // Behind a link to itself there is no file either.
    if (isAbsence(error) || errnoOf(error) === 'ELOOP') return [];
    throw error;
  }
}
