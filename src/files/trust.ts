import type { Stats } from 'node:fs';
import { distrust } from '../log/reasons.ts';
import type { Procfs } from '../process/procfs.ts';
import type { ProcessId } from '../process/verdict.ts';
import type { Link } from './symlinks.ts';

const GROUP_WRITABLE = 0o020;
const WORLD_WRITABLE = 0o002;

/** Whose a file is, and who can write it. */
export interface Access extends Pick<Stats, 'uid' | 'gid' | 'mode'> {
  /** another user's link on the way to it */
  readonly link?: Link;
}

/** Why processes may not be signalled because of a pidfile, and the command that fixes it. */
export interface Distrust {
  readonly why: string;
  readonly fix: string;
}

/** Who besides its owner can write a file or directory; undefined: nobody, or only the group 0. */
export function writersOf({ gid, mode }: Pick<Stats, 'gid' | 'mode'>): 'world' | 'group' | undefined {
  if ((mode & WORLD_WRITABLE) !== 0) return 'world';
  return (mode & GROUP_WRITABLE) !== 0 && gid !== 0 ? 'group' : undefined;
}

/** The owner of a link decides which file is read. */
export function ownerOf({ uid, link }: Access): number {
  return link?.uid ?? uid;
}

/**
 * Whether root may signal processes because of a pidfile: only if everybody who could have written it could signal
 * them anyway (CVE-2018-16888). For other callers the kernel decides.
 *
 * @returns undefined: yes
 */
export function distrustOf(
  path: string,
  access: Access | undefined,
  processes: readonly ProcessId[],
  proc: Procfs,
): Distrust | undefined {
  const caller = process.geteuid?.();
  if (caller !== 0 || access === undefined || processes.length === 0) return undefined;
  const { gid, link } = access;
  const writers = writersOf(access);
  if (writers === 'world') return distrust.world(path);
  if (writers === 'group') return distrust.group(path, gid);
  const owner = ownerOf(access);
  if (owner === caller) return undefined;
  const stranger = processes.find(({ pid }) => !isOf(owner, pid, proc));
  if (stranger === undefined) return undefined;
  return link === undefined ? distrust.owner(path, owner, stranger.pid) : distrust.link(link.path, owner, stranger.pid);
}

/** A process that no longer exists is not signalled either. */
function isOf(uid: number, pid: number, proc: Procfs): boolean {
  const real = proc.realUid(pid);
  return real.kind === 'absent' || (real.kind === 'read' && real.value === uid);
}
