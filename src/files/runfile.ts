import { statSync } from 'node:fs';

/** Which file a runfile is, and when it was last touched; empty when that cannot be read. */
export function runfileIdentity(path: string): string {
  try {
    const { dev, ino, mtimeMs } = statSync(path);
    return `${dev} ${ino} ${mtimeMs}`;
  } catch {
    return '';
  }
}
