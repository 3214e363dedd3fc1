import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { file } from './files.mjs';

const LINE = '-'.repeat(72);

/**
 * The licenses of sipwd and of what is in the program.
 *
 * @param {Iterable<string>} packages the names of the npm packages in it
 */
export function copyright(packages) {
  const licenses = [...packages].sort().map((name) => `${LINE}\n${name}\n\n${licenseOf(join('node_modules', name))}`);
  const text = `sipwd

${licenseOf('.')}
The program /usr/sbin/sipwd also contains Bun's runtime and the npm packages
below.

${LINE}
Bun (https://bun.com)

Bun is under the MIT license. It contains JavaScriptCore and WebKit, which are
under the LGPL, version 2 (/usr/share/common-licenses/LGPL-2), and other
libraries. See https://bun.com/docs/project/license for all of them, and for
how to relink Bun with another JavaScriptCore.

${licenses.join('\n')}`;
  return file('/usr/share/doc/sipwd/copyright', text);
}

function licenseOf(folder) {
  const name = readdirSync(folder).find((each) => /^licen[cs]e\b/i.test(each));
  if (name === undefined) throw new Error(`there is no license in ${folder}`);
  return readFileSync(join(folder, name), 'utf8').trimEnd().concat('\n');
}
