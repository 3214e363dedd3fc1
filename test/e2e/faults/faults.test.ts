import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { kill } from '../../../src/process/kill.ts';
import { canTrace } from '../../support/caller.ts';
import { SOON } from '../../support/crew.ts';
import { isAlive, processesOf } from '../../support/process.ts';
import { eventsIn } from '../../support/said.ts';
import { isStandalone, NOT_STANDALONE, PROGRAM, sipwd } from '../../support/sipwd.ts';
import { until } from '../../support/wait.ts';
import { CHECK } from './check.ts';
import { REPAIR } from './repair.ts';
import { pathsOf, type Stage, setUp } from './stage.ts';
import type { Aim } from './table.ts';

/** Calls whose names differ between machines and runtimes. */
const CALLS: Readonly<Record<string, string>> = {
  stat: '%%stat',
  readlink: '?readlink,readlinkat',
  mkdir: '?mkdir,mkdirat',
  rename: '?rename,?renameat,renameat2',
  unlink: '?unlink,unlinkat',
  fork: '?fork,?vfork,clone',
};

/** Far more than any run takes: a run that hangs is a test that fails. */
const DEADLINE_MS = 20_000;

/** strace complains when a process is killed while it delays it. */
const ABOUT_A_DELAY = /^strace: dispatch_event: .*\n/gm;

/** A read that blocks is given up after two seconds: this leaves one for a slow machine. */
const MEMORY_DEADLINE_MS = 3500;

/** Runs sipwd in the place of strace, which traces it from another process (-D): status and PID are those of sipwd. */
async function runWith(fault: string, aim: Aim | undefined, stage: Stage) {
  const [name = '', error, number] = fault.replace(/^\+/, '').split(':');
  const call = CALLS[name] ?? name;
  const effect = error === 'delay' ? 'delay_enter=60s' : `error=${error}`;
  const inject = `${call}:${effect}${number === undefined ? '' : `:when=${number}`}`;
  const follow = fault.startsWith('+') ? '-f --seccomp-bpf' : '';
  const { service, left } = stage;
  const said = service.path('said');
  const paths = aim === undefined ? '' : pathsOf(aim, stage).join('" -P "');
  const strace = `exec strace -D --quiet=all ${follow} -o ${service.path('trace')} ${paths && `-P "${paths}"`}`;
  // Into a file: strace holds what it inherits for as long as the service runs.
  const script = `${strace} -e trace=${call} -e inject=${inject} "$0" "$@" >>${said} 2>&1`;
  const [runfile, binfile, pidfile, command, force] = service.args;
  const witness = `[ /proc/${left}/exe -ef ${binfile} ] && touch ${service.path('over')}`;
  const args = [...SOON, '--start-timeout', '2', runfile, binfile, pidfile, `${witness}; ${command}`, force];
  const logfile = { SIPLOG_BEND: 'logfile', SIPLOG_LOGFILE_FILE: service.path('log') };
  const env = { XDG_RUNTIME_DIR: service.dir, ...(aim === 'logfile' ? logfile : {}) };
  const options = { env, timeout: DEADLINE_MS, killSignal: 'SIGKILL' } as const;
  const { status } = await sipwd(['-c', script, PROGRAM, ...args], options, '/bin/sh');
  return { status, said: readFileSync(said, 'utf8').replace(ABOUT_A_DELAY, '').trim() };
}

/** A tracer that delays a process goes on, even when sipwd has exited. */
function endTracers(trace: string): void {
  const tracers = processesOf((exe) => exe?.endsWith('/strace') === true);
  for (const pid of tracers) if (readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(trace)) kill(pid, 'SIGKILL');
}

describe.skipIf(!canTrace || isStandalone)(`a system call fails (needs the package strace) ${NOT_STANDALONE}`, () => {
  for (const { scene, status, outcome, events, rows } of [...CHECK, ...REPAIR]) {
    for (const [what, fault, aim, text = ''] of rows) {
      test(`${scene}: when ${what}, ${outcome}: exit ${status}`, async () => {
        const stage = await setUp(scene);
        const { service } = stage;
        const began = performance.now();
        const run = await runWith(fault, aim, stage);

        const isDelay = fault.includes(':delay');
        if (isDelay) expect(performance.now() - began).toBeLessThan(MEMORY_DEADLINE_MS);
        const mark = isDelay ? '<unfinished ...>' : '(INJECTED)';
        await until('a fault was injected', () => readFileSync(service.path('trace'), 'utf8').includes(mark));
        endTracers(service.path('trace'));
        expect(run).toEqual({ status, said: expect.stringContaining(text) });
        if (events === undefined) expect(run.said.split('\n')).toHaveLength(1);
        else expect(eventsIn(run.said)).toEqual(events);
        expect([stage.stranger, stage.bystander].map(isAlive)).toEqual([true, true]);
        expect(existsSync(service.path('over'))).toBe(false);
        expect(isAlive(stage.left)).toBe(outcome === 'nothing is signalled or started');
        expect(service.starts).toBe(outcome === 'the service is started' ? 1 : 0);
      });
    }
  }
});
