import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { leftBehind } from './left-behind.ts';

/** Every process of a test run has it in its environment, unless the test gives the process another one. */
const MARK = 'SIPWD_TEST_RUN';

const coresHere = () => readdirSync('.').filter((name) => /^core\b/.test(name));

/**
 * Makes the tests independent of the shell that runs them: no settings of siplog or of another sipwd, a usual umask, no
 * cores, and a temporary directory with a short path and without symbolic links. At the end, nothing may be left behind.
 */
export default function setup(): () => Promise<void> {
  for (const name of Object.keys(process.env))
    if (/^(SIPLOG_|SIPWD_(CALLER|COOKIE)$)/.test(name)) delete process.env[name];
  process.umask(0o022);
  // The soft limit: a test that needs a core raises it again.
  execFileSync('prlimit', ['--pid', String(process.pid), '--core=0:']);
  const directory = mkdtempSync('/tmp/sw-');
  // As /tmp: every user has files in it.
  chmodSync(directory, 0o1777);
  process.env.TMPDIR = directory;
  process.env[MARK] = randomUUID();
  // npm would have its cache there, from Node 22 on.
  process.env.NODE_DISABLE_COMPILE_CACHE = '1';
  const mark = `${MARK}=${process.env[MARK]}`;
  const cores = coresHere();
  return async () => {
    const left = await leftBehind(directory, mark);
    left.push(...coresHere().filter((name) => !cores.includes(name)));
    rmSync(directory, { recursive: true, force: true });
    if (left.length === 0) return;
    console.error(
      `This run has failed, because the tests have left behind:\n${left.map((each) => `  ${each}\n`).join('')}`,
    );
    process.exitCode = 1;
  };
}
