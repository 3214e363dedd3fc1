import type { Group, Scene } from './table.ts';

const NOTHING = 'nothing is signalled or started';
const STOPPED = 'what is left is stopped, and nothing is started';
const STARTED = 'the service is started';

const scene: Scene = 'a service with one process left';
const STUBBORN: Scene = 'a service with one process left, which ignores SIGTERM';
const DOWN: Scene = 'a service that is down, with a child of another program';
const FORCED: Scene = 'a forced restart';

/** Faults while sipwd stops what is left, and starts the service. */
export const REPAIR: readonly Group[] = [
  {
    ...{ scene, status: 5, outcome: NOTHING, events: ['cannotTell'] },
    rows: [
      ["the cmdline of another PID's process cannot be read", '+openat:EMFILE', "stranger's cmdline", 'EIO'],
      ["the read of the cmdline of another PID's process blocks", '+read:delay', "stranger's cmdline", 'ETIMEDOUT'],
      ['/proc cannot be opened', 'openat:EMFILE', 'procfs'],
      ['/proc cannot be listed', 'getdents64:EIO', 'procfs'],
    ],
  },
  {
    ...{ scene: DOWN, status: 0, outcome: STARTED, events: ['down', 'leftAlone', 'starting', 'started'] },
    rows: [['the file system of that program is silent', '+stat:delay', "stranger's exe", 'system does not answer']],
  },
  {
    ...{ scene, status: 5, outcome: NOTHING, events: ['down', 'cannotLock'] },
    rows: [
      ['the state directory cannot be checked', 'stat:EIO', 'state directory', 'EIO'],
      ['too many files are open for the lock', 'openat:EMFILE', 'lock', 'EMFILE'],
      ['too many files are open for the lock and the runfile', 'openat:EMFILE', 'locks', 'EMFILE'],
      ['flock(1) cannot be forked', 'fork:EAGAIN:2', undefined, 'EAGAIN'],
      ['flock(1) cannot be executed', '+execve:EACCES', 'flock', 'EACCES'],
      ['the kernel has no lock left', '+flock:ENOLCK', undefined, 'flock(1)'],
    ],
  },
  {
    ...{ scene, status: 5, outcome: NOTHING, events: ['runfileNotReadable'] },
    rows: [['the runfile cannot be checked under the lock', 'stat:EIO:2', 'runfile', 'EIO']],
  },
  {
    ...{ scene, status: 5, outcome: NOTHING, events: ['down', 'runfileNotReadable'] },
    rows: [['the runfile cannot be checked before the signal', 'stat:EIO:3', 'runfile', 'EIO']],
  },
  {
    ...{ only: 'bin/sipwd', scene, status: 5, outcome: NOTHING, events: ['internal'] },
    rows: [['the code of the repair does not load the first time', '+openat:EMFILE:1', 'late part', 'EMFILE']],
  },
  {
    ...{ only: 'bin/sipwd', scene, status: 5, outcome: NOTHING, events: undefined },
    rows: [['the code of the repair does not load', '+openat:EMFILE', 'late part', 'sipwd: internal error: EMFILE']],
  },
  {
    ...{ scene, status: 2, outcome: NOTHING, events: ['badPidfile'] },
    rows: [['the pidfile cannot be opened under the lock', 'openat:EIO:2', 'pidfile', 'EIO']],
  },
  {
    ...{ scene, status: 4, outcome: NOTHING, events: ['down', 'notStopped'] },
    rows: [['the process may not be signalled', 'kill:EPERM', undefined]],
  },
  {
    ...{ scene, status: 5, outcome: STOPPED, events: ['down', 'sent', 'runfileNotReadable'] },
    rows: [['the runfile cannot be checked before the start', 'stat:EIO:5', 'runfile', 'EIO']],
  },
  {
    ...{ scene, status: 2, outcome: STOPPED, events: ['down', 'sent', 'badPidfile'] },
    rows: [['the pidfile cannot be opened before the start', 'openat:EIO:4', 'pidfile', 'EIO']],
  },
  {
    ...{ scene, status: 3, outcome: STOPPED, events: ['down', 'sent', 'starting', 'startFailed'] },
    rows: [
      ['the shell cannot be forked', 'fork:EAGAIN:6', undefined, 'could not be run'],
      ['the shell cannot be executed', '+execve:ENOMEM', 'shell', 'could not be run'],
    ],
  },
  {
    ...{ scene, status: 0, outcome: STARTED, events: ['down', 'sent', 'starting', 'started'] },
    rows: [
      ['the lock file cannot be truncated', 'ftruncate:EIO', 'lock'],
      ['there is no space for a PID in the lock file', 'pwrite64:ENOSPC', 'lock'],
      ['its own limits cannot be read', 'openat:EMFILE', 'own limits'],
      ['SIGCONT is refused', 'kill:EPERM:4', undefined],
      ['the time since boot cannot be read', 'openat:EMFILE', 'uptime'],
      ['grep(1) cannot be executed after the command', '+execve:ENOMEM', 'grep'],
    ],
  },
  {
    ...{ scene, status: 0, outcome: STARTED, events: ['logfileRefused', 'down', 'sent', 'starting', 'started'] },
    rows: [
      ['the logfile cannot be opened', 'openat:EACCES', 'logfile', 'EACCES'],
      ['there is no space for the logfile', 'write:ENOSPC', 'logfile', 'ENOSPC'],
    ],
  },
  {
    // libuv has no name for EDQUOT.
    ...{ only: 'bin/sipwd', scene, status: 0, outcome: STARTED },
    events: ['logfileRefused', 'down', 'sent', 'starting', 'started'],
    rows: [['the logfile cannot be closed', 'close:EDQUOT', 'logfile', 'error -122']],
  },
  {
    // Bun ignores the error: what was written is taken for logged.
    ...{ only: 'standalone', scene, status: 0, outcome: STARTED, events: [] },
    rows: [['the logfile cannot be closed', 'close:EDQUOT', 'logfile']],
  },
  {
    ...{ scene, status: 0, outcome: STARTED, events: ['down', 'sent', 'startNotStored', 'starting', 'started'] },
    rows: [
      ['the snapshot cannot be written before the start', 'openat:ENOSPC:1', 'temporary snapshot'],
      ['the snapshot cannot be stored', 'rename:EIO', 'temporary snapshot'],
    ],
  },
  {
    ...{
      ...{ scene, status: 0, outcome: STARTED },
      events: ['lockedInstead', 'down', 'sent', 'startNotStored', 'starting', 'started'],
    },
    rows: [['the state directory cannot be made', 'mkdir:EROFS', 'state directory', 'EROFS']],
  },
  {
    ...{ scene, status: 0, outcome: STARTED, events: ['lockedInstead', 'down', 'sent', 'starting', 'started'] },
    rows: [['there is no space for the lock', 'openat:ENOSPC', 'lock', 'ENOSPC']],
  },
  {
    ...{ scene, status: 0, outcome: STARTED, events: ['down', 'notSent', 'sent', 'starting', 'started'] },
    rows: [
      ['SIGTERM is refused', 'kill:EPERM:3', undefined, 'EPERM'],
      ['SIGTERM is invalid', 'kill:EINVAL:3', undefined, 'EINVAL'],
    ],
  },
  {
    ...{ scene, status: 0, outcome: STARTED, events: ['down', 'sent', 'starting', 'started'] },
    rows: [['SIGTERM finds no process', 'kill:ESRCH:3', undefined, 'sent SIGKILL']],
  },
  {
    ...{ scene, status: 0, outcome: STARTED, events: [] },
    rows: [['stderr fails', 'write:EIO', 'stderr']],
  },
  {
    ...{ scene, status: 0, outcome: STARTED, events: ['sent', 'starting', 'started'] },
    rows: [['stderr would block at the first message', 'write:EAGAIN:1', 'stderr']],
  },
  {
    ...{ scene, status: 0, outcome: STARTED, events: ['down', 'starting', 'started'] },
    rows: [['nobody reads stderr at the second message', 'write:EPIPE:2', 'stderr']],
  },
  {
    ...{ scene: STUBBORN, status: 4, outcome: NOTHING, events: ['down', 'sent', 'notSent', 'notStopped'] },
    rows: [['SIGKILL is refused', 'kill:EPERM:5', undefined, 'SIGKILL']],
  },
  {
    ...{
      scene: STUBBORN,
      status: 0,
      outcome: STARTED,
      events: ['down', 'sent', 'dumpingCore', 'sent', 'starting', 'started'],
    },
    rows: [['/proc/PID/status cannot be opened the first time', 'openat:EMFILE:1', 'status', 'sent SIGKILL']],
  },
  {
    ...{ scene: 'a start that is not confirmed', status: 5, outcome: NOTHING, events: ['cannotTell'] },
    rows: [
      ['grep(1) cannot be forked under the lock', 'fork:EAGAIN:2+', undefined],
      ['grep(1) cannot be executed', '+execve:ENOMEM', 'grep'],
      ['/proc cannot be listed', 'getdents64:EIO', 'procfs'],
      ['too many files are open for /proc/PID/stat', 'openat:EMFILE', 'stat'],
    ],
  },
  {
    ...{ scene: FORCED, status: 0, outcome: NOTHING, events: ['forceFileIgnored'] },
    rows: [['the force-restart file cannot be checked under the lock', 'stat:EIO:3', 'force-restart file', 'EIO']],
  },
  {
    ...{ scene: FORCED, status: 0, outcome: NOTHING, events: ['forcedRestart'] },
    rows: [['the force-restart file was removed by another program', 'unlink:ENOENT', 'force-restart file']],
  },
  {
    ...{ scene: FORCED, status: 4, outcome: NOTHING, events: ['forcedRestart', 'forceFileStays'] },
    rows: [['the force-restart file cannot be removed', 'unlink:EROFS', 'force-restart file', 'EROFS']],
  },
  {
    ...{ scene: FORCED, status: 5, outcome: NOTHING, events: ['forcedRestart', 'runfileNotReadable'] },
    rows: [['the runfile cannot be checked after the file was removed', 'stat:EIO:4', 'runfile', 'EIO']],
  },
  {
    ...{
      scene: FORCED,
      status: 0,
      outcome: STARTED,
      events: ['forcedRestart', 'notSent', 'sent', 'starting', 'started'],
    },
    rows: [['SIGABRT is refused', 'kill:EPERM:2', undefined, 'SIGABRT']],
  },
  {
    ...{ scene: FORCED, status: 0, outcome: STARTED, events: ['forcedRestart', 'sent', 'starting', 'started'] },
    rows: [['SIGABRT finds no process', 'kill:ESRCH:2', undefined, 'sent SIGKILL']],
  },
];
