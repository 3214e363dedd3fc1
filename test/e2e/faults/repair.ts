import type { Group } from './table.ts';

const NOTHING = 'nothing is done';
const ENDED = 'what is left is ended';
const STARTED = 'it is started anew';

const UNLOCKABLE = /^cannot take the lock /;
const NO_SHELL = /^cannot start .*could not be run/m;

/** Faults while sipwd ends what is left, and starts the service. */
export const REPAIR: readonly Group[] = [
  {
    ...{ scene: 'rest', status: 5, outcome: NOTHING },
    rows: [
      ["a stranger's argv[0] cannot be read", 'openat:EMFILE', "stranger's cmdline", /^cannot tell .*EMFILE/],
      ['the folder of the lock cannot be made', 'mkdir:EROFS', 'lock folder', UNLOCKABLE],
      ['the folder of the lock cannot be looked at', 'stat:EIO', 'lock folder', UNLOCKABLE],
      ['the lock meets too many open files', 'openat:EMFILE', 'lock', UNLOCKABLE],
      ['there is no room for the lock', 'openat:ENOSPC', 'lock', UNLOCKABLE],
      ['flock(1) cannot be forked', 'fork:EAGAIN:1', undefined, UNLOCKABLE],
      ['flock(1) cannot be executed', '+execve:EACCES', 'flock', UNLOCKABLE],
      ['the kernel has no lock to give', '+flock:ENOLCK', undefined, UNLOCKABLE],
      ['the runfile fails under the lock', 'stat:EIO:2', 'runfile', /^cannot look at the runfile .*EIO/m],
      ['the runfile fails before the signal', 'stat:EIO:3', 'runfile', /^cannot look at the runfile .*EIO/m],
      ['the part that says things does not load', '+openat:EMFILE', 'siplog', /unforeseen: .*EMFILE.*siplog\.js/],
      ['the part that repairs does not load', '+openat:EMFILE', 'repair', /unforeseen: .*EMFILE.*repair\.js/],
    ],
  },
  {
    ...{ scene: 'rest', status: 2, outcome: NOTHING },
    rows: [['the pidfile fails under the lock', 'openat:EIO:2', 'pidfile', /^cannot use the pidfile .*EIO/]],
  },
  {
    ...{ scene: 'rest', status: 4, outcome: NOTHING },
    rows: [['the process may not be signalled', 'kill:EPERM:1', undefined, /^cannot end .*may not be signalled/m]],
  },
  {
    ...{ scene: 'rest', status: 5, outcome: ENDED },
    rows: [['the runfile fails before the start', 'stat:EIO:4', 'runfile', /^cannot look at the runfile .*EIO/m]],
  },
  {
    ...{ scene: 'rest', status: 2, outcome: ENDED },
    rows: [['the pidfile fails before the start', 'openat:EIO:3', 'pidfile', /^cannot use the pidfile .*EIO/m]],
  },
  {
    ...{ scene: 'rest', status: 3, outcome: ENDED },
    rows: [
      ['the shell cannot be forked', 'fork:EAGAIN:2', undefined, NO_SHELL],
      ['the shell cannot be executed', '+execve:ENOMEM', 'shell', NO_SHELL],
      ['the shell cannot enter the folder', '+chdir:EACCES', 'cwd', NO_SHELL],
    ],
  },
  {
    ...{ scene: 'rest', status: 0, outcome: STARTED },
    rows: [
      ['the lock file cannot be emptied', 'ftruncate:EIO', 'lock', /^started /m],
      ['there is no room for a PID in the lock file', 'write:ENOSPC', 'lock', /^started /m],
      ['the own limits cannot be read', 'openat:EMFILE', 'own limits', /^started /m],
      ['SIGTERM is refused', 'kill:EPERM:2', undefined, /^cannot send SIGTERM .*EPERM\n(.*\n)*sent SIGKILL/m],
      ['SIGTERM is invalid', 'kill:EINVAL:2', undefined, /^cannot send SIGTERM .*EINVAL\n(.*\n)*sent SIGKILL/m],
      ['SIGTERM finds no process', 'kill:ESRCH:2', undefined, /^sent SIGKILL/m],
      ['SIGCONT is refused', 'kill:EPERM:3', undefined, /^sent SIGTERM/m],
      ['the children of the process cannot be listed', 'openat:EMFILE', 'children', /^started /m],
      ['stderr fails', 'write:EIO', 'stderr'],
      ['stderr would block at the first message', 'write:EAGAIN:1', 'stderr', /^sent SIGTERM/],
      ['nobody reads stderr at the second message', 'write:EPIPE:2', 'stderr', /^.* is down: .*\nstarting /],
      ['the logfile cannot be opened', 'openat:EACCES', 'logfile', /^started /m],
      ['there is no room for the logfile', 'write:ENOSPC', 'logfile', /^started /m],
      ['the logfile cannot be closed', 'close:EDQUOT', 'logfile', /^started /m],
    ],
  },
  {
    ...{ scene: 'deaf', status: 4, outcome: NOTHING },
    rows: [['SIGKILL is refused', 'kill:EPERM:4', undefined, /^cannot send SIGKILL .*EPERM\ncannot end /m]],
  },
  {
    ...{ scene: 'deaf', status: 0, outcome: STARTED },
    rows: [['whether it writes its core cannot be told', 'openat:EMFILE:1', 'status', /its core; .*\nsent SIGKILL/]],
  },
  {
    ...{ scene: 'forced', status: 0, outcome: NOTHING },
    rows: [
      ['the force-restart file fails at the third look', 'stat:EIO:3', 'force'],
      ['the force-restart file is withdrawn', 'unlink:ENOENT', 'force'],
    ],
  },
  {
    ...{ scene: 'forced', status: 4, outcome: NOTHING },
    rows: [['the force-restart file cannot be removed', 'unlink:EROFS', 'force', /^cannot remove the force.*EROFS/]],
  },
  {
    ...{ scene: 'forced', status: 5, outcome: NOTHING },
    rows: [['the runfile fails after the file is removed', 'stat:EIO:4', 'runfile', /^cannot look at the runfile/m]],
  },
  {
    ...{ scene: 'forced', status: 0, outcome: STARTED },
    rows: [
      ['SIGABRT is refused', 'kill:EPERM:2', undefined, /^cannot send SIGABRT .*EPERM\n(.*\n)*sent SIGKILL/m],
      ['SIGABRT finds no process', 'kill:ESRCH:2', undefined, /^sent SIGKILL/m],
    ],
  },
];
