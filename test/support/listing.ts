import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startTimeOf, stateOf } from './process.ts';

/** Everything about the files in a directory, except access times. */
export function listing(folder: string, isIncluded = (_name: string) => true): Record<string, unknown> {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(isIncluded);
  return Object.fromEntries(names.sort().map((name) => [name, entry(join(folder, name))]));
}

/** The processes with their start times and states. */
export function processTable(pids: readonly number[]): unknown[] {
  return pids.map((pid) => [pid, startTimeOf(pid), stateOf(pid)]);
}

function entry(path: string): unknown[] {
  const stats = lstatSync(path, { bigint: true });
  const { mode, uid, gid, ino, nlink, size, mtimeNs, ctimeNs } = stats;
  const content = stats.isFile() ? readFileSync(path, 'latin1') : '';
  return [mode, uid, gid, ino, nlink, size, mtimeNs, ctimeNs, content];
}
