/** Why a PID is running: by which rule its process matches `<binfile>`. */
export const evidence = {
  exe: (exe: string) => `exe ${exe}`,
  resolved: (exe: string, binfile: string) => `exe ${exe}, to which ${binfile} resolves`,
  argv0: (name: string) => `argv[0] ${name}`,
  comm: (name: string) => `comm ${name}`,
  snapshot: (exe: string | undefined) => `same process as in the snapshot${exe === undefined ? '' : `, exe ${exe}`}`,
};

/** Why a PID is gone or unknown; follows `PID n`. */
export const because = {
  absent: () => 'does not exist',
  zombie: () => 'has exited (a zombie)',
  kernelThread: () => 'is a kernel thread',
  threadId: () => 'is a thread ID, not a process',
  itself: () => 'is sipwd itself',
  otherBinary: (exe: string, binfile: string) => `runs ${exe}, not ${binfile}`,
  recycled: (start: number, recorded: number) =>
    `was recycled: it started at ${start}, not at ${recorded} (clock ticks since boot)`,
  hidden: () => 'exists, but is hidden from /proc (hidepid)',
  statNotReadable: (pid: number, errno: string) => `exists, but /proc/${pid}/stat cannot be read: ${errno}`,
  exiting: () => 'is exiting',
  noBinary: () => 'has no binary',
  exeNotReadable: (comm: string, pid: number, errno: string) =>
    `runs as ${comm}, and /proc/${pid}/exe cannot be read: ${errno}`,
  binfileNotReadable: (exe: string, binfile: string, reason: string) =>
    `runs ${exe}, and ${binfile} cannot be checked: ${reason}`,
  cmdlineNotReadable: (exe: string, task: string, errno: string) =>
    `runs ${exe}, and /proc/${task}/cmdline cannot be read: ${errno}`,
  notAnswering: (exe: string) => `runs ${exe}, and its file system does not answer`,
  notListed: (errno: string) => `/proc cannot be listed: ${errno}`,
  notFound: (pid: number, errno: string) => `/proc/${pid}/stat cannot be read: ${errno}`,
  environmentsNotReadable: (program: string, errno: string) =>
    `${program}(1), which reads the environment of processes, cannot be run: ${errno}`,
  stranger: () => 'carries the cookie of the last start, but may be another service of the same start command',
  argv0NotReadable: (errno: string) => `head(1), which reads argv[0], cannot be run: ${errno}`,
  mayNotBeSignalled: () => 'may not be signalled by this user',
  ancestor: () => 'is an ancestor of this sipwd',
  unkillable: (seconds: number) => `is unkillable: it still exists ${seconds} s after SIGKILL`,
  appeared: () => 'appeared during the run',
};

/** Why a service is down, or why a plan is what it is. */
export const why = {
  noPidfile: (pidfile: string) => `pidfile ${pidfile} does not exist`,
  notRewritten: (pidfile: string, pids: string) => `pidfile ${pidfile} was not rewritten: it still names PID ${pids}`,
  exitedAfter: (pid: number, seconds: string) => `PID ${pid} exited ${seconds} s after the start`,
  noPid: (pidfile: string) => `pidfile ${pidfile} holds no PID`,
  allRun: () => 'all PIDs run',
  member: (pid: number, evidence: string) => `PID ${pid} (${evidence})`,
  carrier: (pid: number, exe: string | undefined, seconds: string) =>
    `PID ${pid} (${exe ?? 'unknown program'}, started ${seconds} s ago)`,
  ordered: (path: string) => `force-restart file ${path} exists`,
};

/** What is wrong with a file, after its path and a colon. */
export const problem = {
  doesNotExist: () => 'it does not exist',
  notRegular: () => 'it is not a regular file',
  empty: () => 'it is empty or closed',
  notReadable: (reason: string) => `it cannot be read: ${reason}`,
  tooManyLinks: (most: number) => `more than ${most} symbolic links lead to it`,
  foreignLink: (link: string, uid: number) => `symbolic link ${link} of uid ${uid} leads to it`,
  tooLarge: (kib: number) => `it is larger than ${kib} KiB`,
  notShown: (line: number, lowest: number, highest: number) =>
    `line ${line} holds something that is not a PID (${lowest} to ${highest})`,
  notAPid: (line: number, word: string, lowest: number, highest: number) =>
    `line ${line} holds ${word}, which is not a PID (${lowest} to ${highest})`,
};

/** For a shell. */
function quoted(path: string): string {
  return /^[\w@%+=:,./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}

/** Why a pidfile is not trusted, and the command that fixes it. */
export const distrust = {
  world: (path: string) => ({ why: `pidfile ${path} is world-writable`, fix: `chmod o-w ${quoted(path)}` }),
  group: (path: string, gid: number) => ({
    why: `pidfile ${path} is writable by group ${gid}`,
    fix: `chmod g-w ${quoted(path)}`,
  }),
  owner: (path: string, uid: number, pid: number) => ({
    why: `pidfile ${path} is owned by uid ${uid}, and PID ${pid} belongs to another user`,
    fix: `chown root ${quoted(path)}`,
  }),
  recorded: (reason: string, pids: string) => ({
    why: `the snapshot was stored from a pidfile that is not trusted: ${reason}`,
    fix: `ps -fp ${pids} (and kill these processes if they are the service)`,
  }),
  link: (link: string, uid: number, pid: number) => ({
    why: `symbolic link ${link} to the pidfile is owned by uid ${uid}, and PID ${pid} belongs to another user`,
    fix: `rm ${quoted(link)} (and give the path of the file itself)`,
  }),
};

/** Why a table is not trusted, and the command that fixes it. */
export const tableDistrust = {
  foreign: (path: string, uid: number) => ({
    why: `${path} is owned by uid ${uid}`,
    fix: `chown root ${quoted(path)}`,
  }),
  world: (path: string) => ({ why: `${path} is writable by every user`, fix: `chmod o-w ${quoted(path)}` }),
  group: (path: string, gid: number) => ({
    why: `${path} is writable by group ${gid}`,
    fix: `chmod g-w ${quoted(path)}`,
  }),
  link: (link: string, uid: number) => ({
    why: `symbolic link ${link} is owned by uid ${uid}`,
    fix: `rm ${quoted(link)} (and give the path of the file itself)`,
  }),
};

/** Why the lock cannot be taken, or the snapshot not be used or stored. */
export const stateProblem = {
  foreignDirectory: (directory: string, uid: number | undefined) =>
    `${directory} is not a directory that only uid ${uid} can use; remove it, or run: chmod 700 ${directory}`,
  flockFailed: (status: number | null) => `flock(1) of util-linux exited with status ${status}`,
  flockMissing: () => 'there is no flock(1) in PATH, nor in the usual directories; install util-linux',
  noFlock: (reason: string) => `flock(1) of util-linux cannot be run: ${reason}`,
  otherBoot: () => 'it is from another boot',
  noBootId: () => 'the boot ID cannot be read',
  notOwners: () => 'it is not a file that only its owner can use',
  directoryNotOwners: () => 'its directory is not one that only its owner can use',
  damaged: () => 'it is damaged or of another version',
  tooLarge: () => 'it is too large',
  shortWrite: () => 'it could not be written completely',
};

/** What a repair would meet. */
export const warning = {
  distrusted: (reason: string, fix: string) => `its processes would not be signalled: ${reason}; run: ${fix}`,
  noSuchBinary: (binfile: string) => `binary ${binfile} does not exist`,
  noSuchCommand: (word: string) => `the start command begins with ${word}, which is not found in PATH`,
  noLock: (path: string, reason: string) => `cannot take lock ${path}: ${reason}`,
  lockedInstead: (reason: string) => `the runfile would be locked instead of ${reason}`,
  noRunfileDirectory: (directory: string) => `directory ${directory}, of the runfile, does not exist`,
  noCore: () => 'a forced restart leaves no core: the limit on the size of a core is 0; see ulimit -c',
};

/** What became of the start command, or of that of --on-event; follows `the command`. */
export const ended = {
  status: (status: number) => `exited with status ${status}`,
  signal: (signal: string) => `was killed by ${signal}`,
  notRun: (reason: string) => `could not be run (${reason})`,
  timedOut: (seconds: number) => `did not exit within ${seconds} s, and was killed`,
};
