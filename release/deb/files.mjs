import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import packageJson from '../../package.json' with { type: 'json' };
import { readOptions } from '../../src/args/options.ts';
import { bashCompletion, fishCompletion, zshCompletion } from './completion.mjs';
import { optionsIn } from './options.mjs';

/** Files that are in the package as they are, by their place in it, with the scripts of dpkg in DEBIAN. */
const ROOT = 'release/deb/root';
const DOCUMENTS = '/usr/share/doc/sipwd';

/** Run by Bun. The text of each file of the package, except the program and what describes the package. */
export function filesOfPackage() {
  const fixed = below(ROOT).map((name) => file(`/${name}`, read(join(ROOT, name)), modeOf(join(ROOT, name))));
  const manuals = packageJson.man.map((path) => {
    const name = path.replace('man/', '');
    return file(`/usr/share/man/man${name.at(-1)}/${name}.gz`, gzip(adapted(read(path))));
  });
  return [...fixed, ...manuals, ...completions(), ...documents()];
}

/** A file of the package: its path, its content, and its mode. */
export function file(path, content, mode = 0o644) {
  return { path, content, mode };
}

/** As gzip does on every machine: without name and time. */
export function gzip(text) {
  return execFileSync('gzip', ['-9n'], { input: text });
}

function completions() {
  const call = readOptions(['--help']);
  if (call.kind !== 'answer') throw new Error('there is no help');
  const options = optionsIn(call.text);
  return [
    file('/usr/share/bash-completion/completions/sipwd', bashCompletion(options)),
    file('/usr/share/zsh/vendor-completions/_sipwd', zshCompletion(options)),
    file('/usr/share/fish/vendor_completions.d/sipwd.fish', fishCompletion(options)),
  ];
}

/** What the npm package has as well, so that the links between them lead somewhere. */
function documents() {
  const names = ['README.md', 'CHANGELOG.md', 'SECURITY.md'];
  for (const folder of ['docs', 'examples']) names.push(...below(folder).map((name) => join(folder, name)));
  return names
    .filter((name) => !name.endsWith('.dot'))
    .map((name) => file(join(DOCUMENTS, name), adapted(read(name)), modeOf(name)));
}

/** Where the package has the program. */
function adapted(text) {
  return text.replaceAll('/usr/local/bin/sipwd', '/usr/sbin/sipwd');
}

/** The files below a directory, relative to it. */
function below(directory) {
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return paths.map((path) => path.slice(directory.length + 1)).sort();
}

function read(path) {
  return readFileSync(path, 'utf8');
}

/** git stores only whether a file can be executed; the rest is the umask of the checkout. */
function modeOf(path) {
  return statSync(path).mode & 0o100 ? 0o755 : 0o644;
}
