import { type BigIntStats, realpathSync, statSync } from 'node:fs';
import { basename, isAbsolute, join } from 'node:path';

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

  /** Every file that it can mean, symlinks followed. None when there is no such file: a binary can be deleted. */
  get resolved(): readonly ResolvedFile[] {
    this.#resolved ??= this.#candidates().flatMap(resolve);
    return this.#resolved;
  }

  /** Whether a running binary is such a file: by path, which an upgrade keeps, or by device and inode. */
  isResolvedTo(path: string, file: () => BigIntStats | undefined): boolean {
    if (this.resolved.some((known) => known.path === path)) return true;
    if (this.resolved.length === 0) return false;
    const stats = file();
    return (
      stats !== undefined && this.resolved.some((known) => known.device === stats.dev && known.inode === stats.ino)
    );
  }

  #candidates(): string[] {
    if (this.binfile.includes('/')) return [this.binfile];
    return searchFolders(this.searchPath).map((folder) => join(folder, this.binfile));
  }
}

/** Whether a path names just that file. */
export function isNameOf(path: string, file: BigIntStats): boolean {
  const named = fileAt(path);
  return named !== undefined && named.ino === file.ino && named.dev === file.dev;
}

function resolve(candidate: string): ResolvedFile[] {
  const stats = fileAt(candidate);
  if (!stats?.isFile()) return [];
  try {
    return [{ path: realpathSync(candidate), device: stats.dev, inode: stats.ino }];
  } catch {
    // It was unlinked between the two looks: an upgrade, for one.
    return [];
  }
}

/** Whatever cannot be looked at is no evidence, so every error means undefined; the rules that go by name remain. */
function fileAt(path: string): BigIntStats | undefined {
  try {
    return statSync(path, { bigint: true });
  } catch {
    return undefined;
  }
}
