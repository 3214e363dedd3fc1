import { execFileSync } from 'node:child_process';
import { resolve } from 'node:path';
import packageJson from '../../../package.json' with { type: 'json' };
import { DEBIAN } from '../../targets.mjs';

export const ARCHES = Object.entries(DEBIAN).map(([target, arch]) => ({
  target,
  arch,
  deb: resolve(`dist/release/sipwd_${packageJson.version}_${arch}.deb`),
  program: resolve(`dist/release/sipwd-${packageJson.version}-linux-${target}`),
}));

/** The package for this machine: the tests of a release need an x64 machine. */
export const DEB = resolve(`dist/release/sipwd_${packageJson.version}_amd64.deb`);

/** Unpacks some of the files of the package, without installing it. */
export function unpack(deb: string, directory: string, ...paths: readonly string[]): void {
  const places = paths.map((path) => `.${path}`).join(' ');
  const command = `dpkg-deb --fsys-tarfile "$0" | tar -x -C "$1" ${places}`;
  execFileSync('bash', ['-o', 'pipefail', '-c', command, deb, directory]);
}
