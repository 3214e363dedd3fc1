import { getPriority } from 'node:os';
import { execa } from 'execa';
import { describe, expect, test } from 'vitest';
import { quoted } from '../../support/caller.ts';
import { probeBoth } from '../../support/probe.ts';
import { testService } from '../../support/service.ts';
import { isStandalone, NOT_STANDALONE, PROGRAM, sipwd } from '../../support/sipwd.ts';

interface Caller {
  readonly title: string;
  readonly setUp?: string;
  readonly prefix?: string;
  /** what the probe must show, so that the caller did set it up */
  readonly shows: RegExp;
  /** only bin/sipwd can know it: the parent's differs, or the runtime of the standalone program changed it */
  readonly needsEntry?: true;
}

/** By 5, as far as there are 19; the tests themselves may run with nice(1). */
const NICER = Math.min(getPriority() + 5, 19);

const CALLERS: readonly Caller[] = [
  { title: 'nothing is changed', shows: /^SigIgn:\s0{16}$/m },
  { title: 'the soft limit on open files is 256', setUp: 'ulimit -Sn 256', shows: /^Max open files +256 /m },
  {
    title: 'both limits on open files are set',
    prefix: 'prlimit --nofile=512:1024',
    shows: /files +512 +1024 /,
    needsEntry: true,
  },
  { title: 'other limits are set', setUp: 'ulimit -Sc 0; ulimit -Ss 4096', shows: /^Max stack size +4194304 /m },
  { title: 'SIGHUP and SIGUSR1 are ignored', setUp: "trap '' HUP USR1", shows: /^SigIgn:\s0*201$/m },
  { title: 'SIGPIPE is ignored', setUp: "trap '' PIPE", shows: /^SigIgn:\s0*1000$/m },
  { title: 'SIGTERM and SIGUSR2 are blocked', prefix: 'env --block-signal=TERM,USR2', shows: /^SigBlk:\s0*4800$/m },
  {
    title: 'signals are blocked and ignored, and open files limited',
    setUp: "ulimit -Sn 300; trap '' QUIT XFSZ",
    prefix: 'env --block-signal=CHLD,INT',
    shows: /^SigBlk:\s0*10002\nSigIgn:\s0*1000004$/m,
    needsEntry: true,
  },
  { title: 'the umask is 077', setUp: 'umask 077', shows: /^0077$/m },
  { title: 'nice is higher by 5', prefix: 'nice -n 5', shows: new RegExp(`\\n0\\d{3}\\n${NICER}\\n`) },
  { title: 'the environment is empty', prefix: 'env -i "PROBED=$PROBED"', shows: /^SigCgt.*\nPROBED=.*\nPWD=.*\n\//m },
  { title: 'values contain blanks and line feeds', setUp: "V='a  b\n c\n'; export V", shows: /^V=a {2}b\n c\n\n/m },
  { title: 'a value is not UTF-8', setUp: `V=$(printf 'M\\374 "$x\\\\%%'); export V`, shows: /^V=M\xfc "\$x\\%$/m },
  { title: 'variables have short names', setUp: 'export a=1 b=2 c=3 stat=4 node=5 rest=6', shows: /^stat=4$/m },
  {
    title: 'the working directory was removed',
    setUp: 'mkdir gone; cd gone; rmdir ../gone',
    shows: / \(deleted\)$/m,
    needsEntry: true,
  },
  { title: 'the working directory has a symlink in its name', setUp: 'ln -s . l; cd l', shows: /^PWD=.*\/l$/m },
];

describe('the command inherits from the caller of sipwd what `sh -c` would inherit', () => {
  for (const { title, setUp = '', prefix = '', shows, needsEntry = false } of CALLERS) {
    const needs = needsEntry ? ` ${NOT_STANDALONE}` : '';
    test.skipIf(isStandalone && needsEntry)(`when ${title}${needs}`, async () => {
      const { bySh, bySipwd } = probeBoth(testService(), setUp, prefix);
      expect(bySh.state).toMatch(shows);
      expect(bySipwd.state).toBe(bySh.state);
      // No extra one. One that this test run itself inherited may be missing.
      expect(bySh.descriptors).toEqual(expect.arrayContaining([...bySipwd.descriptors]));
    });
  }

  test.skipIf(isStandalone)(
    `when the program is run as an argument of node, the limit on open files is the caller's ${NOT_STANDALONE}`,
    async () => {
      const service = testService();
      const [runfile, binfile, pidfile] = service.args;
      const args = [runfile, binfile, pidfile, 'ulimit -Sn'].map(quoted).join(' ');
      // The shell does not exec node: the limit is read from the parent.
      const script = `ulimit -Sn 256; node ${quoted(PROGRAM)} --start-timeout 0 ${args}; exit $?`;
      const { exitCode, stdout } = await execa('/bin/sh', ['-c', script], { reject: false });
      expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: '256' });
    },
  );

  test('when the caller has a variable SIPWD_CALLER, the command has none', async () => {
    const service = testService();
    const [runfile, binfile, pidfile] = service.args;
    const env = { SIPWD_CALLER: '7 stale' };
    const args = ['--start-timeout', '0', runfile, binfile, pidfile, 'env | grep -c SIPWD_CALLER; true'];
    expect(await sipwd(args, { env })).toMatchObject({ status: 0, stdout: '0\n' });
  });
});
