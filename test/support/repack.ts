import type { Booted } from './booted.ts';

const DIRECTORY = '/var/tmp/repacked';

/**
 * Packs an installed package again, with its files and the scripts of its maintainer: to install it is the upgrade of the
 * package to the same version, without a download.
 *
 * @returns the path of the file there
 */
export async function repack(machine: Booted, name: string): Promise<string> {
  const script = `set -e
    root=${DIRECTORY}/${name}
    mkdir -p "$root/DEBIAN"
    # A link in / belongs to the system: there /lib is a link, in the package it is a directory.
    dpkg -L ${name} | grep '^/.*/' | while read -r file; do
      [ -d "$file" ] && [ ! -L "$file" ] || cp -a --parents "$file" "$root"
    done
    for part in $(dpkg-query --control-list ${name} | grep -vx md5sums); do
      cp "$(dpkg-query --control-path ${name} "$part")" "$root/DEBIAN/$part"
    done
    fields='Package Version Architecture Maintainer Depends'
    for field in $fields; do dpkg-query --show --showformat="$field: \\\${$field}\\n" ${name}; done >"$root/DEBIAN/control"
    echo 'Description: packed again' >>"$root/DEBIAN/control"
    dpkg-deb --build "$root" "$root.deb"`;
  const { status, said } = await machine.run(script);
  if (status !== 0) throw new Error(`${name} cannot be packed: ${said}`);
  return `${DIRECTORY}/${name}.deb`;
}
