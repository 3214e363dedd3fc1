import { existsSync } from 'node:fs';
import { temporaryFolder } from './folder.ts';

const BUSYBOX = '/bin/busybox';

export const hasBusybox = existsSync(BUSYBOX);

/** A PATH with the programs of busybox that sipwd runs, as on Alpine; Debian's busybox has no flock. */
export function busyboxPath(): string {
  const names = ['grep', 'head', 'tr'];
  const folder = temporaryFolder(Object.fromEntries(names.map((name) => [name, { to: BUSYBOX }])));
  return `${folder}:${process.env.PATH}`;
}
