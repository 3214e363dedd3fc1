import { basename } from 'node:path';
import type { Procfs } from './procfs.ts';

/** Where the kernel would put the core of a process (core(5)). */
export interface CoreSite {
  readonly directory: string;
  /** for find(1), -name */
  readonly name: string;
  /** the owner of the core */
  readonly uid: number;
  /** ms since 1970; an older file is another core */
  readonly since: number;
}

/** What a pattern of core(5) can contain of a process, as far as it is known before the process dumps core. */
export interface Dumping {
  readonly pid: number;
  readonly comm: string;
  /** path of its binary */
  readonly exe: string;
}

/** What is not known before, a time for example. */
const ANYTHING = Symbol('anything');

type Part = string | typeof ANYTHING;

/** Collectors and sockets leave no file. */
const NO_FILE = ['|', '@'];

/**
 * Where a process would leave a core; asked while it runs. Only /proc is read: its directory may be on a file system
 * that hangs.
 *
 * @returns undefined when that cannot be told, or when the core would be no file
 */
export function coreSiteOf(pid: number, proc: Procfs): CoreSite | undefined {
  const pattern = proc.corePattern()?.replace(/\n$/, '');
  const [cwd, root] = [proc.workingDirectory(pid), proc.rootDirectory(pid)];
  const [stat, exe, uid] = [proc.stat(pid), proc.exe(String(pid)), proc.realUid(pid)];
  if (pattern === undefined || NO_FILE.includes(pattern.charAt(0))) return undefined;
  if (cwd.kind !== 'read' || root.kind !== 'read' || stat.kind !== 'read' || uid.kind !== 'read') return undefined;
  const { comm } = stat.value;
  const place = corePlace(pattern, proc.hasCoreNamePid(), { pid, comm, exe: exe.kind === 'read' ? exe.value : '' });
  if (place === undefined) return undefined;
  const isAbsolute = place.directory.startsWith('/');
  const base = !isAbsolute ? `${cwd.value}/` : root.value === '/' ? '' : root.value;
  return { directory: `${base}${place.directory}`, name: place.name, uid: uid.value, since: Date.now() };
}

/**
 * The directory and the name of a core.
 *
 * @param hasPid whether the kernel appends the PID to a name without one (kernel.core_uses_pid)
 * @returns undefined when the directory depends on what is not known
 */
export function corePlace(
  pattern: string,
  hasPid: boolean,
  dumping: Dumping,
): Pick<CoreSite, 'directory' | 'name'> | undefined {
  const full = hasPid && !pattern.includes('%p') ? `${pattern}.%p` : pattern;
  const cut = full.lastIndexOf('/') + 1;
  const directory = expand(full.slice(0, cut), dumping);
  const name = expand(full.slice(cut), dumping);
  if (name.length === 0 || directory.includes(ANYTHING)) return undefined;
  return { directory: directory.join(''), name: name.map(toGlob).join('') };
}

function expand(pattern: string, { pid, comm, exe }: Dumping): Part[] {
  return [...pattern.matchAll(/%(.?)|[^%]+/gsu)].flatMap(([all, specifier]): Part[] => {
    switch (specifier) {
      case undefined:
        return [all];
      case '%':
        return ['%'];
      case 'p':
        return [String(pid)];
      case 'e':
        return [withoutSlash(comm)];
      case 'f':
        return [withoutSlash(basename(exe))];
      case 'E':
        return [withoutSlash(exe)];
      default:
        return specifier !== '' && KNOWN_LATER.includes(specifier) ? [ANYTHING] : [];
    }
  });
}

/** Threads, namespaces, user, signal, time, host, limit: core(5). The kernel drops any other character. */
const KNOWN_LATER = 'cCdghiIPstu';

/** As the kernel writes it. */
function withoutSlash(text: string): string {
  return text.replaceAll('/', '!');
}

function toGlob(part: Part): string {
  return part === ANYTHING ? '*' : part.replaceAll(/[\\*?[\]]/g, '\\$&');
}
