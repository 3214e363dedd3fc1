import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { whileSet } from './guard.ts';

/** Whether files can be made immutable here: not even root can remove them. */
export const canFixInPlace = probe();

/** Makes a file immutable during a call. */
export function fixedInPlace<T>(path: string, act: () => Promise<T>): Promise<T> {
  return whileSet(`chattr +i ${path}`, `chattr -i ${path}`, act);
}

function probe(): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'sipwd-probe-'));
  try {
    for (const flag of ['+i', '-i']) execFileSync('chattr', [flag, folder], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
