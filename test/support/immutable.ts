import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const chattr = (flag: '+i' | '-i', path: string) => execFileSync('chattr', [flag, path], { stdio: 'ignore' });

/** Whether a file here can be made one that not even root can remove. */
export const canFixInPlace = probe();

/** Does something while a file cannot be removed. */
export async function fixedInPlace<T>(path: string, act: () => Promise<T>): Promise<T> {
  chattr('+i', path);
  try {
    return await act();
  } finally {
    chattr('-i', path);
  }
}

function probe(): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'sipwd-probe-'));
  try {
    chattr('+i', folder);
    chattr('-i', folder);
    return true;
  } catch {
    return false;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
