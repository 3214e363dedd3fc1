import type { BigIntStats } from 'node:fs';
import { isNameOf } from '../files/binary.ts';
import type { Procfs } from './procfs.ts';

/** The kernel appends this to the path of an unlinked file (d_path). */
const DELETED = ' (deleted)';

/** The running binary, whose path is given; undefined where it cannot, or may not, be examined. */
export type FileAt = (path: string) => BigIntStats | undefined;

/** The path of the binary of a process, without ` (deleted)`. */
export function exeOf(pid: number, proc: Procfs): string | undefined {
  const exe = proc.exe(String(pid));
  return exe.kind === 'read' ? withoutDeleted(exe.value, () => fileOf(String(pid), proc)) : undefined;
}

/** Device and inode of the binary of a process. */
export function programOf(task: string, proc: Procfs): string | undefined {
  const file = fileOf(task, proc);
  return file && `${file.dev}:${file.ino}`;
}

/** The running binary; undefined where it cannot be examined. */
export function fileOf(task: string, proc: Procfs): BigIntStats | undefined {
  const file = proc.exeFile(task);
  return file.kind === 'read' ? file.value : undefined;
}

/** Removes the kernel's ` (deleted)`, unless the binary really has that name. */
export function withoutDeleted(path: string, file: FileAt): string {
  if (!path.endsWith(DELETED)) return path;
  const before = path.slice(0, -DELETED.length);
  const runs = file(before);
  return runs !== undefined && isNameOf(path, runs) ? path : before;
}
