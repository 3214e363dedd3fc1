import { existsSync, readFileSync } from 'node:fs';
import { execaSync } from 'execa';
import { describe, expect, test } from 'vitest';
import { isAlive } from '../support/process.ts';
import { isStandalone, NOT_STANDALONE, PROGRAM, sipwd } from '../support/sipwd.ts';
import { until } from '../support/wait.ts';
import { CHECK } from './faults/check.ts';
import { REPAIR } from './faults/repair.ts';
import { pathsOf, type Stage, setUp } from './faults/stage.ts';
import type { Aim } from './faults/table.ts';

const hasStrace = execaSync('strace', ['-o', '/dev/null', 'true'], { reject: false }).exitCode === 0;

/** What has another name, or more than one, on other machines and with other runtimes. */
const CALLS: Readonly<Record<string, string>> = {
  stat: '%%stat',
  readlink: '?readlink,readlinkat',
  mkdir: '?mkdir,mkdirat',
  rename: '?rename,?renameat,renameat2',
  unlink: '?unlink,unlinkat',
  fork: '?fork,?vfork,clone',
};

const TIMES = ['--term-timeout', '0.3', '--abort-timeout', '0.3', '--start-timeout', '2'];

/** Far more than any of them takes; without an end, a hang would be a test that never fails. */
const DEADLINE_MS = 20_000;

/** Runs sipwd in the place of strace, which looks on from aside: with -D, the status and the PID are those of sipwd. */
async function runWith(fault: string, aim: Aim | undefined, stage: Stage) {
  const [name = '', error, number] = fault.replace('+', '').split(':');
  const call = CALLS[name] ?? name;
  const inject = `${call}:error=${error}${number === undefined ? '' : `:when=${number}`}`;
  // A plus: into threads and children as well.
  const follow = fault.startsWith('+') ? '-f --seccomp-bpf' : '';
  const { service, left } = stage;
  const said = service.path('said');
  const paths = aim === undefined ? '' : pathsOf(aim, stage).join('" -P "');
  const strace = `exec strace -D --quiet=all ${follow} -o ${service.path('trace')} ${paths && `-P "${paths}"`}`;
  // Into a file: strace holds on to what it inherits for as long as the service lives.
  const script = `${strace} -e trace=${call} -e inject=${inject} "$0" "$@" >>${said} 2>&1`;
  const [runfile, binfile, pidfile, command, force] = service.args;
  const witness = `[ /proc/${left}/exe -ef ${binfile} ] && touch ${service.path('over')}`;
  const args = [...TIMES, runfile, binfile, pidfile, `${witness}; ${command}`, force];
  const logfile = { SIPLOG_BEND: 'logfile', SIPLOG_LOGFILE_FILE: service.path('log') };
  const env = { XDG_RUNTIME_DIR: service.dir, ...(aim === 'logfile' ? logfile : {}) };
  const options = { env, timeout: DEADLINE_MS, killSignal: 'SIGKILL' } as const;
  const { status } = await sipwd(['-c', script, PROGRAM, ...args], options, '/bin/sh');
  const lines = readFileSync(said, 'utf8').replace(/^.*?\/GLOBAL\/sipwd: /gm, '');
  return { status, said: lines.trim() };
}

describe.skipIf(!hasStrace || isStandalone)(
  `one system call fails (needs the package strace) ${NOT_STANDALONE}`,
  () => {
    for (const { scene, status, outcome, rows } of [...CHECK, ...REPAIR]) {
      for (const [what, fault, aim, says = /^$/] of rows) {
        test(`${scene}: when ${what}, exit ${status}, ${outcome}`, async () => {
          const stage = await setUp(scene);
          const { service } = stage;
          const run = await runWith(fault, aim, stage);

          await until('a fault was injected', () => readFileSync(service.path('trace'), 'utf8').includes('(INJECTED)'));
          expect(run).toEqual({ status, said: expect.stringMatching(says) });
          expect(run.said).not.toMatch(/^ +at /m);
          expect(run.said.includes('unforeseen')).toBe(says.source.includes('unforeseen'));
          expect([stage.stranger, stage.bystander].map(isAlive)).toEqual([true, true]);
          expect(existsSync(service.path('over'))).toBe(false);
          expect(isAlive(stage.left)).toBe(outcome === 'nothing is done');
          expect(service.starts).toBe(outcome === 'it is started anew' ? 1 : 0);
        });
      }
    }
  },
);
