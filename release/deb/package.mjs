import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import packageJson from '../../package.json' with { type: 'json' };
import { commitTime } from '../commit.mjs';
import { changelog, control } from './control.mjs';
import { copyright } from './copyright.mjs';
import { file, filesOfPackage } from './files.mjs';

// Of a program of 112 MB: -z0 10 s and 47 MB, -z1 33 s and 45 MB, -z6 225 s and 40 MB (on a busy machine).
const COMPRESSION = ['-Zxz', '-z0'];

/**
 * Run by Bun: builds sipwd_VERSION_ARCH.deb, the same, byte for byte, for every build of a commit.
 *
 * @param {string} directory for the file
 * @param {{ arch: string, program: string, packages: Iterable<string> }} content arch: in Debian's word; program: the path
 *   of the standalone program; packages: the names of the npm packages in it
 */
export function buildPackage(directory, { arch, program, packages }) {
  const time = commitTime();
  const root = mkdtempSync(join(tmpdir(), 'sipwd-deb-'));
  try {
    const files = [...filesOfPackage(), changelog(time), copyright(packages)];
    files.push(file('/usr/sbin/sipwd', readFileSync(program), 0o755));
    for (const each of files) write(root, each);
    for (const each of described(files, arch)) write(root, each);
    settle(root, time);
    const deb = join(directory, `sipwd_${packageJson.version}_${arch}.deb`);
    const env = { ...process.env, SOURCE_DATE_EPOCH: String(time) };
    execFileSync('dpkg-deb', ['--root-owner-group', ...COMPRESSION, '--build', root, deb], {
      env,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  } finally {
    rmSync(root, { recursive: true });
  }
}

/** The files in which dpkg reads about the other ones. */
function described(all, arch) {
  const installed = all.filter(({ path }) => !path.startsWith('/DEBIAN/'));
  const size = installed.reduce((sum, { content }) => sum + Math.ceil(content.length / 1024), 0);
  const md5 = (content) => createHash('md5').update(content).digest('hex');
  const configuration = installed.filter(({ path }) => path.startsWith('/etc/'));
  const sums = installed.filter((each) => !configuration.includes(each));
  const lines = (list) => list.map((line) => `${line}\n`).join('');
  return [
    file('/DEBIAN/control', control(arch, size)),
    file('/DEBIAN/conffiles', lines(configuration.map(({ path }) => path))),
    file('/DEBIAN/md5sums', lines(sums.map(({ path, content }) => `${md5(content)}  ${path.slice(1)}`))),
  ];
}

function write(root, { path, content, mode }) {
  const place = join(root, path);
  mkdirSync(dirname(place), { recursive: true });
  writeFileSync(place, content);
  chmodSync(place, mode);
}

/** Neither the umask nor the time of the build is in the package. */
function settle(root, time) {
  const entries = readdirSync(root, { recursive: true, withFileTypes: true });
  const paths = [root, ...entries.map((entry) => join(entry.parentPath, entry.name))];
  for (const entry of entries.filter((each) => each.isDirectory()))
    chmodSync(join(entry.parentPath, entry.name), 0o755);
  chmodSync(root, 0o755);
  for (const path of paths) utimesSync(path, time, time);
}
