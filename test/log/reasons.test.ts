import { expect, test } from 'vitest';
import * as reasons from '../../src/log/reasons.ts';

const { evidence, because, why, problem, distrust, tableDistrust, stateProblem, warning, ended } = reasons;

/** Every reason, worded with sample values, and what it is expected to be. The compiler misses none. */
const WORDED = {
  evidence: {
    exe: [evidence.exe('/sbin/svc'), 'exe /sbin/svc'],
    resolved: [evidence.resolved('/opt/svc-2', '/sbin/svc'), 'exe /opt/svc-2, to which /sbin/svc resolves'],
    argv0: [evidence.argv0('svc'), 'argv[0] svc'],
    comm: [evidence.comm('svc'), 'comm svc'],
    snapshot: [evidence.snapshot('/sbin/svc'), 'same process as in the snapshot, exe /sbin/svc'],
  },
  because: {
    absent: [because.absent(), 'does not exist'],
    zombie: [because.zombie(), 'has exited (a zombie)'],
    kernelThread: [because.kernelThread(), 'is a kernel thread'],
    threadId: [because.threadId(), 'is a thread ID, not a process'],
    itself: [because.itself(), 'is sipwd itself'],
    otherBinary: [because.otherBinary('/bin/sh', '/sbin/svc'), 'runs /bin/sh, not /sbin/svc'],
    recycled: [because.recycled(200, 100), 'was recycled: it started at 200, not at 100 (clock ticks since boot)'],
    hidden: [because.hidden(), 'exists, but is hidden from /proc (hidepid)'],
    statNotReadable: [because.statNotReadable(7, 'EACCES'), 'exists, but /proc/7/stat cannot be read: EACCES'],
    exiting: [because.exiting(), 'is exiting'],
    noBinary: [because.noBinary(), 'has no binary'],
    exeNotReadable: [because.exeNotReadable('sh', 7, 'EACCES'), 'runs as sh, and /proc/7/exe cannot be read: EACCES'],
    binfileNotReadable: [
      because.binfileNotReadable('/bin/sh', '/sbin/svc', 'EACCES'),
      'runs /bin/sh, and /sbin/svc cannot be checked: EACCES',
    ],
    cmdlineNotReadable: [
      because.cmdlineNotReadable('/bin/sh', '7/task/8', 'EACCES'),
      'runs /bin/sh, and /proc/7/task/8/cmdline cannot be read: EACCES',
    ],
    notAnswering: [because.notAnswering('/mnt/x'), 'runs /mnt/x, and its file system does not answer'],
    notListed: [because.notListed('EMFILE'), '/proc cannot be listed: EMFILE'],
    notFound: [because.notFound(7, 'EIO'), '/proc/7/stat cannot be read: EIO'],
    environmentsNotReadable: [
      because.environmentsNotReadable('grep', 'ENOENT'),
      'grep(1), which reads the environment of processes, cannot be run: ENOENT',
    ],
    argv0NotReadable: [because.argv0NotReadable('ENOENT'), 'head(1), which reads argv[0], cannot be run: ENOENT'],
    stranger: [
      because.stranger(),
      'carries the cookie of the last start, but may be another service of the same start command',
    ],
    mayNotBeSignalled: [because.mayNotBeSignalled(), 'may not be signalled by this user'],
    ancestor: [because.ancestor(), 'is an ancestor of this sipwd'],
    unkillable: [because.unkillable(5), 'is unkillable: it still exists 5 s after SIGKILL'],
    appeared: [because.appeared(), 'appeared during the run'],
  },
  why: {
    noPidfile: [why.noPidfile('/p'), 'pidfile /p does not exist'],
    notRewritten: [why.notRewritten('/p', '7'), 'pidfile /p was not rewritten: it still names PID 7'],
    exitedAfter: [why.exitedAfter(7, '0.2'), 'PID 7 exited 0.2 s after the start'],
    noPid: [why.noPid('/p'), 'pidfile /p holds no PID'],
    allRun: [why.allRun(), 'all PIDs run'],
    member: [why.member(7, 'session'), 'PID 7 (session)'],
    carrier: [why.carrier(7, '/sbin/svc', '61'), 'PID 7 (/sbin/svc, started 61 s ago)'],
    ordered: [why.ordered('/f'), 'force-restart file /f exists'],
  },
  problem: {
    doesNotExist: [problem.doesNotExist(), 'it does not exist'],
    notRegular: [problem.notRegular(), 'it is not a regular file'],
    empty: [problem.empty(), 'it is empty or closed'],
    notReadable: [problem.notReadable('EACCES'), 'it cannot be read: EACCES'],
    tooLarge: [problem.tooLarge(64), 'it is larger than 64 KiB'],
    tooManyLinks: [problem.tooManyLinks(40), 'more than 40 symbolic links lead to it'],
    foreignLink: [problem.foreignLink('/l', 7), 'symbolic link /l of uid 7 leads to it'],
    notShown: [problem.notShown(3, 2, 9), 'line 3 holds something that is not a PID (2 to 9)'],
    notAPid: [problem.notAPid(3, '"x"', 2, 9), 'line 3 holds "x", which is not a PID (2 to 9)'],
  },
  distrust: {
    world: [distrust.world('/p'), { why: 'pidfile /p is world-writable', fix: 'chmod o-w /p' }],
    group: [distrust.group('/p', 7), { why: 'pidfile /p is writable by group 7', fix: 'chmod g-w /p' }],
    owner: [
      distrust.owner('/p', 7, 42),
      { why: 'pidfile /p is owned by uid 7, and PID 42 belongs to another user', fix: 'chown root /p' },
    ],
    recorded: [
      distrust.recorded('pidfile /p is world-writable', '7,42'),
      {
        why: 'the snapshot was stored from a pidfile that is not trusted: pidfile /p is world-writable',
        fix: 'ps -fp 7,42 (and kill these processes if they are the service)',
      },
    ],
    link: [
      distrust.link('/l', 7, 42),
      {
        why: 'symbolic link /l to the pidfile is owned by uid 7, and PID 42 belongs to another user',
        fix: 'rm /l (and give the path of the file itself)',
      },
    ],
  },
  tableDistrust: {
    foreign: [tableDistrust.foreign('/t', 7), { why: '/t is owned by uid 7', fix: 'chown root /t' }],
    world: [tableDistrust.world('/t'), { why: '/t is writable by every user', fix: 'chmod o-w /t' }],
    group: [tableDistrust.group('/t', 7), { why: '/t is writable by group 7', fix: 'chmod g-w /t' }],
    link: [
      tableDistrust.link('/l', 7),
      { why: 'symbolic link /l is owned by uid 7', fix: 'rm /l (and give the path of the file itself)' },
    ],
  },
  stateProblem: {
    foreignDirectory: [
      stateProblem.foreignDirectory('/d', 7),
      '/d is not a directory that only uid 7 can use; remove it, or run: chmod 700 /d',
    ],
    flockFailed: [stateProblem.flockFailed(2), 'flock(1) of util-linux exited with status 2'],
    flockMissing: [
      stateProblem.flockMissing(),
      'there is no flock(1) in PATH, nor in the usual directories; install util-linux',
    ],
    noFlock: [stateProblem.noFlock('EAGAIN'), 'flock(1) of util-linux cannot be run: EAGAIN'],
    otherBoot: [stateProblem.otherBoot(), 'it is from another boot'],
    noBootId: [stateProblem.noBootId(), 'the boot ID cannot be read'],
    notOwners: [stateProblem.notOwners(), 'it is not a file that only its owner can use'],
    directoryNotOwners: [stateProblem.directoryNotOwners(), 'its directory is not one that only its owner can use'],
    damaged: [stateProblem.damaged(), 'it is damaged or of another version'],
    tooLarge: [stateProblem.tooLarge(), 'it is too large'],
    shortWrite: [stateProblem.shortWrite(), 'it could not be written completely'],
  },
  warning: {
    distrusted: [
      warning.distrusted('pidfile /p is world-writable', 'chmod o-w /p'),
      'its processes would not be signalled: pidfile /p is world-writable; run: chmod o-w /p',
    ],
    noSuchBinary: [warning.noSuchBinary('/sbin/svc'), 'binary /sbin/svc does not exist'],
    noSuchCommand: [warning.noSuchCommand('svc'), 'the start command begins with svc, which is not found in PATH'],
    noLock: [warning.noLock('/run/l', 'EROFS'), 'cannot take lock /run/l: EROFS'],
    lockedInstead: [warning.lockedInstead('/run/l: EROFS'), 'the runfile would be locked instead of /run/l: EROFS'],
    noRunfileDirectory: [warning.noRunfileDirectory('/run/x'), 'directory /run/x, of the runfile, does not exist'],
    noCore: [warning.noCore(), 'a forced restart leaves no core: the limit on the size of a core is 0; see ulimit -c'],
  },
  ended: {
    status: [ended.status(7), 'exited with status 7'],
    signal: [ended.signal('SIGKILL'), 'was killed by SIGKILL'],
    notRun: [ended.notRun('ENOENT'), 'could not be run (ENOENT)'],
    timedOut: [ended.timedOut(30), 'did not exit within 30 s, and was killed'],
  },
} satisfies { readonly [G in keyof typeof reasons]: Record<keyof (typeof reasons)[G], readonly [unknown, unknown]> };

const ROWS = Object.entries(WORDED).flatMap(([group, rows]) =>
  Object.entries(rows).map(([name, [worded, expected]]) => ({ name: `${group}.${name}`, worded, expected })),
);

test.for(ROWS)('when the reason is $name, the text is as documented', ({ worded, expected }) => {
  expect(worded).toEqual(expected);
});

test.each([
  ['of plain characters', '/var/run/a-b_c.pid', '/var/run/a-b_c.pid'],
  ['with a blank', '/run/a b', "'/run/a b'"],
  ['with a special character at its start', '~/p', "'~/p'"],
  ['with one at its end', '/p;', "'/p;'"],
  ['with quotation marks', "/it's'", "'/it'\\''s'\\'''"],
])('when a fix contains a path %s, a shell can read it', (_, path, word) => {
  expect(distrust.world(path).fix).toBe(`chmod o-w ${word}`);
});

test('when the binary of a process could not be read, the text names none', () => {
  expect(evidence.snapshot(undefined)).toBe('same process as in the snapshot');
  expect(why.carrier(7, undefined, '61')).toBe('PID 7 (unknown program, started 61 s ago)');
});
