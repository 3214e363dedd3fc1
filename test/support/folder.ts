import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEachTest } from './ends.ts';

const made: string[] = [];

/** The content of a directory, by path: the content of a file, or the target of a symbolic link. */
export type Tree = Readonly<Record<string, string | Uint8Array | { readonly to: string }>>;

/** Makes a directory that is removed after the test. */
export function temporaryFolder(tree: Tree = {}): string {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), 'sipwd-test-'));
  made.push(folder);
  for (const [name, entry] of Object.entries(tree)) {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    if (typeof entry === 'string' || entry instanceof Uint8Array) writeFileSync(path, entry);
    else symlinkSync(entry.to, path);
  }
  return folder;
}

afterEachTest(() => {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true });
});
