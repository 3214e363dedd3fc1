import packageJson from '../../package.json' with { type: 'json' };
import { file, gzip } from './files.mjs';

/** dpkg wants an address, and the project has none: no mail reaches a name in .invalid (RFC 2606). */
const MAINTAINER = 'the sipwd authors <sipwd@authors.invalid>';
const DOCUMENTS = '/usr/share/doc/sipwd';

/**
 * What dpkg wants to know about a package.
 *
 * @param {string} arch in Debian's word
 * @param {number} kilobytes
 */
export function control(arch, kilobytes) {
  // util-linux (flock), grep and dash are essential. 2.17: see docs/standalone.md.
  return `Package: sipwd
Version: ${packageJson.version}
Architecture: ${arch}
Maintainer: ${MAINTAINER}
Installed-Size: ${kilobytes}
Depends: libc6 (>= 2.17)
Recommends: cron | cron-daemon
Suggests: default-mta | mail-transport-agent, logrotate
Section: admin
Priority: optional
Description: single-shot process watchdog, called by cron
 cron runs sipwd every minute for each service. A service is a pidfile, a
 binary and a start command. If all its processes run, sipwd exits and prints
 nothing. If one is gone, sipwd stops the rest of the service and starts it
 again. It never starts a second copy of a service.
 .
 The services are in /etc/sipwd.tab, which is empty at first.
`;
}

/** @param {number} time in seconds */
export function changelog(time) {
  const date = new Date(time * 1000).toUTCString().replace('GMT', '+0000');
  const text = `sipwd (${packageJson.version}) unstable; urgency=medium

  * The changes are in ${DOCUMENTS}/CHANGELOG.md.

 -- ${MAINTAINER}  ${date}
`;
  return file(`${DOCUMENTS}/changelog.gz`, gzip(text));
}
