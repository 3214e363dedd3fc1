import type { Stats } from 'node:fs';
import type { ProcessId } from '../process/identity.ts';
import type { Procfs } from '../process/procfs.ts';
import type { Link } from './links.ts';

const GROUP_WRITABLE = 0o020;
const WORLD_WRITABLE = 0o002;

/** Whose a pidfile is, and who can write it. */
export interface Access extends Pick<Stats, 'uid' | 'gid' | 'mode'> {
  /** another user's link, by which it was reached: that user counts as its owner */
  readonly link?: Link;
}

/** Who has the say in what a pidfile is. */
export function ownerOf({ uid, link }: Access): number {
  return link?.uid ?? uid;
}

/**
 * Whether root may signal processes on the word of a pidfile: only if everybody who can have written it could signal
 * them anyway (CVE-2018-16888). For any other caller the kernel itself sees to that.
 *
 * @returns why not, and what mends it; undefined when it can be trusted
 */
export function whyUntrusted(
  { path, access }: { readonly path: string; readonly access: Access | undefined },
  processes: readonly ProcessId[],
  proc: Procfs,
  caller = process.geteuid?.(),
): string | undefined {
  if (caller !== 0 || access === undefined || processes.length === 0) return undefined;
  const { gid, mode, link } = access;
  const uid = ownerOf(access);
  if ((mode & WORLD_WRITABLE) !== 0) return `everybody can write it; chmod o-w ${path}`;
  if ((mode & GROUP_WRITABLE) !== 0 && gid !== 0) return `its group ${gid} can write it; chmod g-w ${path}`;
  if (uid === caller) return undefined;
  const stranger = processes.find(({ pid }) => !isOf(uid, pid, proc));
  if (stranger === undefined) return undefined;
  const [what, remedy] =
    link === undefined ? ['it', `chown root ${path}`] : [`the link ${link.path}`, `chown -h root ${link.path}`];
  return `${what} is owned by uid ${uid}, but PID ${stranger.pid} is not that user's; ${remedy}`;
}

/** A process that has just gone is nobody's; it is not signalled either. */
function isOf(uid: number, pid: number, proc: Procfs): boolean {
  const real = proc.realUid(pid);
  return real.kind === 'absent' || (real.kind === 'read' && real.value === uid);
}
