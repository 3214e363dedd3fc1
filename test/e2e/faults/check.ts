import type { Group } from './table.ts';

const NOTHING = 'nothing is done';

/** Faults while sipwd finds out how the service is. */
export const CHECK: readonly Group[] = [
  {
    ...{ scene: 'healthy', status: 5, outcome: NOTHING },
    rows: [
      ['node cannot be executed', 'execve:ENOMEM', 'node', /^\S+ \d+: exec: .*Cannot allocate memory$/],
      ['the program cannot be opened', 'openat:EMFILE', 'program', /^sipwd: cannot run: EMFILE.*cli\.cjs/],
      ['the runfile may not be looked at', 'stat:EACCES', 'runfile', /^cannot look at the runfile .*EACCES/],
      ['the disk of the runfile fails', 'stat:EIO', 'runfile', /^cannot look at the runfile .*EIO/],
      ['there is no memory to look at the runfile', 'stat:ENOMEM', 'runfile', /^cannot look at the runfile .*ENOMEM/],
      ['/proc does not say who looks', 'readlink:EIO', 'self', /^\/proc /],
      ['/proc/PID/stat may not be opened', 'openat:EACCES', 'stat', /^cannot tell .*stat cannot be read: EACCES/],
      ['/proc/PID/stat meets too many open files', 'openat:EMFILE', 'stat', /^cannot tell .*: EMFILE/],
      ['/proc/PID/stat cannot be read', 'read:EIO', 'stat', /^cannot tell .*stat cannot be read: EIO/],
      ['/proc/PID/stat seems gone', 'read:ESRCH', 'stat', /^cannot tell .*hidden from \/proc/],
      ['/proc/PID/stat cannot be closed', 'close:EIO', 'stat', /^cannot tell .*stat cannot be read: EIO/],
    ],
  },
  {
    ...{ scene: 'healthy', status: 2, outcome: NOTHING },
    rows: [
      ['the pidfile may not be looked at', 'openat:EACCES', 'pidfile', /^cannot use the pidfile .*EACCES/],
      ['the pidfile meets too many open files', 'openat:EMFILE', 'pidfile', /^cannot use the pidfile .*EMFILE/],
      ['the pidfile may not be opened', 'openat:EACCES', 'descriptors', /^cannot use the pidfile .*EACCES/],
      ['fstat of the pidfile fails', 'stat:EIO', 'pidfile', /^cannot use the pidfile .*EIO/],
      ['the pidfile cannot be read', 'read:EIO', 'pidfile', /^cannot use the pidfile .*EIO/],
      ['the end of the pidfile cannot be read', 'read:EIO:2', 'pidfile', /^cannot use the pidfile .*EIO/],
      ['a signal interrupts the read of the pidfile', 'read:EINTR:1', 'pidfile', /^cannot use the pidfile .*EINTR/],
      ['the place of the pidfile cannot be told', 'readlink:ENOMEM', 'descriptors', /^cannot use the pidfile .*ENOMEM/],
    ],
  },
  {
    ...{ scene: 'healthy', status: 1, outcome: NOTHING },
    rows: [['statfs of /proc fails', 'statfs:EIO', 'procfs', /^\/proc is not procfs/]],
  },
  {
    ...{ scene: 'healthy', status: 0, outcome: NOTHING },
    rows: [
      ['the pidfile cannot be closed', 'close:EIO', 'pidfile'],
      ['the link to the running binary may not be read', 'readlink:EACCES', 'exe'],
      ['there is no memory to read that link', 'readlink:ENOMEM', 'exe'],
      ['that link seems gone', 'readlink:ENOENT', 'exe'],
      ['the boot cannot be told', 'openat:EMFILE', 'boot id'],
      ['the record meets too many open files', 'openat:EMFILE', 'record'],
      ['the folder of the record cannot be made', 'mkdir:EROFS', 'lock folder'],
      ['the folder of the record cannot be looked at', 'stat:EIO', 'lock folder'],
      ['the children of the process cannot be listed', 'openat:EMFILE', 'children'],
      ['the record cannot be made', 'openat:ENOSPC', 'draft of the record'],
      ['there is no room for the record', 'write:ENOSPC', 'draft of the record'],
      ['the record cannot be put in its place', 'rename:EIO', 'draft of the record'],
      ['the new record cannot be closed', 'close:EIO', 'record'],
      ['the force-restart file fails', 'stat:EACCES', 'force', /^ignored the force-restart file .*EACCES/],
    ],
  },
  {
    ...{ scene: 'remembered', status: 0, outcome: NOTHING },
    rows: [
      ['fstat of the record fails', 'stat:EIO', 'record'],
      ['the record cannot be read', 'read:EIO', 'record'],
      ['the record cannot be closed', 'close:EIO', 'record'],
    ],
  },
  {
    ...{ scene: 'by its link', status: 5, outcome: NOTHING },
    rows: [
      ['the binfile may not be looked at', 'stat:EACCES', 'binfile', /^cannot tell .*cannot be looked at: .*EACCES/],
      ['the disk of the binfile fails', 'stat:EIO', 'binfile', /^cannot tell .*cannot be looked at: .*EIO/],
      ['the binfile fails at the second look', 'stat:EIO:2', 'binfile', /^cannot tell .*cannot be looked at: .*EIO/],
      ['the link of the binfile cannot be read', 'readlink:EIO', 'binfile', /^cannot tell .*looked at: .*EIO/],
    ],
  },
  {
    ...{ scene: 'by its argv[0]', status: 5, outcome: NOTHING },
    rows: [
      [
        '/proc/PID/cmdline may not be opened',
        'openat:EACCES',
        'cmdline',
        /^cannot tell .*cmdline cannot be read: EACCES/,
      ],
      ['/proc/PID/cmdline meets too many open files', 'openat:EMFILE', 'cmdline', /^cannot tell .*: EMFILE/],
      ['/proc/PID/cmdline cannot be read', 'read:EIO', 'cmdline', /^cannot tell .*cmdline cannot be read: EIO/],
    ],
  },
];
