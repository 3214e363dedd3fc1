import type { Group, Scene } from './table.ts';

const outcome = 'nothing is signalled or started';
const LINK: Scene = 'a process that matches by a symbolic link';

/** Faults during the check. */
export const CHECK: readonly Group[] = [
  {
    ...{ only: 'bin/sipwd', scene: 'a healthy service', status: 5, outcome, events: undefined },
    rows: [
      ['node cannot be executed', 'execve:ENOMEM', 'node', 'Cannot allocate memory'],
      ['the program cannot be opened', 'openat:EMFILE', 'program', 'sipwd: cannot run: EMFILE'],
    ],
  },
  {
    ...{ scene: 'a healthy service', status: 5, outcome, events: ['runfileNotReadable'] },
    rows: [
      ['the runfile may not be checked', 'stat:EACCES', 'runfile', 'EACCES'],
      ['the disk of the runfile fails', 'stat:EIO', 'runfile', 'EIO'],
      ['there is no memory to check the runfile', 'stat:ENOMEM', 'runfile', 'ENOMEM'],
    ],
  },
  {
    ...{ scene: 'a healthy service', status: 5, outcome, events: ['otherProcfs'] },
    rows: [['/proc/self cannot be read', 'readlink:EIO', 'self']],
  },
  {
    ...{ scene: 'a healthy service', status: 5, outcome, events: ['cannotTell'] },
    rows: [
      ['/proc/PID/stat may not be opened', 'openat:EACCES', 'stat', 'stat cannot be read: EACCES'],
      ['too many files are open for /proc/PID/stat', 'openat:EMFILE', 'stat', 'stat cannot be read: EMFILE'],
      ['/proc/PID/stat cannot be read', 'read:EIO', 'stat', 'stat cannot be read: EIO'],
      ['/proc/PID/stat seems absent', 'read:ESRCH', 'stat', 'hidden from /proc'],
    ],
  },
  {
    ...{ scene: 'a healthy service', status: 2, outcome, events: ['badPidfile'] },
    rows: [
      ['the pidfile may not be opened', 'openat:EACCES', 'pidfile', 'EACCES'],
      ['too many files are open for the pidfile', 'openat:EMFILE', 'pidfile', 'EMFILE'],
      ['the pidfile may not be opened for reading', 'openat:EACCES', 'descriptors', 'EACCES'],
      ['fstat of the pidfile fails', 'stat:EIO', 'pidfile', 'EIO'],
      ['the pidfile cannot be read', 'read:EIO', 'pidfile', 'EIO'],
      ['the path of the open pidfile cannot be read', 'readlink:ENOMEM', 'descriptors', 'ENOMEM'],
    ],
  },
  {
    ...{ scene: 'a healthy service', status: 1, outcome, events: ['noProcfs'] },
    rows: [['statfs of /proc fails', 'statfs:EIO', 'procfs']],
  },
  {
    ...{ scene: 'a healthy service', status: 0, outcome, events: [] },
    rows: [
      ['the pidfile cannot be closed', 'close:EIO', 'pidfile'],
      ['/proc/PID/exe may not be read', 'readlink:EACCES', 'exe'],
      ['there is no memory to read /proc/PID/exe', 'readlink:ENOMEM', 'exe'],
      ['/proc/PID/exe seems absent', 'readlink:ENOENT', 'exe'],
      ['the boot ID cannot be read', 'openat:EMFILE', 'boot ID'],
      ['too many files are open for the snapshot', 'openat:EMFILE', 'snapshot'],
      ['the state directory cannot be made', 'mkdir:EROFS', 'state directory'],
      ['the state directory cannot be checked', 'stat:EIO', 'state directory'],
      ['the children of the process cannot be listed', 'openat:EMFILE', 'children'],
      ['the temporary snapshot cannot be made', 'openat:ENOSPC', 'temporary snapshot'],
      ['there is no space for the snapshot', 'write:ENOSPC', 'temporary snapshot'],
      ['the snapshot cannot be renamed', 'rename:EIO', 'temporary snapshot'],
      ['the new snapshot cannot be closed', 'close:EIO', 'snapshot'],
    ],
  },
  {
    ...{ scene: 'a healthy service', status: 0, outcome, events: ['forceFileIgnored'] },
    rows: [['the force-restart file may not be checked', 'stat:EACCES', 'force-restart file', 'EACCES']],
  },
  {
    ...{ scene: 'a healthy service with a snapshot', status: 0, outcome, events: [] },
    rows: [
      ['fstat of the snapshot fails', 'stat:EIO', 'snapshot'],
      ['the snapshot cannot be read', 'read:EIO', 'snapshot'],
      ['the snapshot cannot be closed', 'close:EIO', 'snapshot'],
    ],
  },
  {
    ...{ scene: LINK, status: 5, outcome, events: ['cannotTell'] },
    rows: [
      ['the binfile may not be checked', 'stat:EACCES', 'binfile', 'cannot be checked: permission denied (EACCES)'],
      ['the disk of the binfile fails', 'stat:EIO', 'binfile', 'cannot be checked: i/o error (EIO)'],
    ],
  },
  // Node reports what Bun ignores or tries again, and resolves a symbolic link by other calls.
  {
    ...{ only: 'bin/sipwd', scene: 'a healthy service', status: 5, outcome, events: ['cannotTell'] },
    rows: [['/proc/PID/stat cannot be closed', 'close:EIO', 'stat', 'stat cannot be read: EIO']],
  },
  {
    ...{ only: 'bin/sipwd', scene: 'a healthy service', status: 2, outcome, events: ['badPidfile'] },
    rows: [['a signal interrupts the read of the pidfile', 'read:EINTR:1', 'pidfile', 'EINTR']],
  },
  {
    ...{ only: 'standalone', scene: 'a healthy service', status: 0, outcome, events: [] },
    rows: [
      ['/proc/PID/stat cannot be closed', 'close:EIO', 'stat'],
      ['a signal interrupts the read of the pidfile', 'read:EINTR:1', 'pidfile'],
    ],
  },
  {
    ...{ only: 'bin/sipwd', scene: LINK, status: 5, outcome, events: ['cannotTell'] },
    rows: [
      ['the binfile fails the second time', 'stat:EIO:2', 'binfile', 'cannot be checked: i/o error (EIO)'],
      ['the symbolic link cannot be read', 'readlink:EIO', 'binfile', 'cannot be checked: i/o error (EIO)'],
    ],
  },
  {
    ...{ only: 'standalone', scene: LINK, status: 5, outcome, events: ['cannotTell'] },
    rows: [['the binfile cannot be opened', 'openat:EIO', 'binfile', 'cannot be checked: i/o error (EIO)']],
  },
  {
    ...{ scene: 'a process that matches by argv[0]', status: 5, outcome, events: ['cannotTell'] },
    rows: [
      ['/proc/PID/cmdline may not be opened', '+openat:EACCES', 'cmdline', 'cmdline cannot be read: EIO'],
      ['too many files are open for /proc/PID/cmdline', '+openat:EMFILE', 'cmdline', 'cmdline cannot be read: EIO'],
      ['/proc/PID/cmdline cannot be read', '+read:EIO', 'cmdline', 'cmdline cannot be read: EIO'],
      ['the read of /proc/PID/cmdline blocks', '+read:delay', 'cmdline', 'cmdline cannot be read: ETIMEDOUT'],
      ['head(1) cannot be forked', 'fork:EAGAIN', undefined, 'head(1), which reads argv[0], cannot be run: EAGAIN'],
      ['head(1) cannot be executed', '+execve:ENOMEM', 'head', 'head(1), which reads argv[0], cannot be run: ENOMEM'],
    ],
  },
];
