import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { whileSet } from './guard.ts';

/** Whether a file here can be made one that not even root can remove. */
export const canFixInPlace = probe();

/** Does something while a file cannot be removed. */
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
