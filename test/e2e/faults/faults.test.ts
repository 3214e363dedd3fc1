import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { kill } from '../../../src/process/kill.ts';
import { canTrace } from '../../support/caller.ts';
import { commandOf } from '../../support/left-behind.ts';
import { isAlive, processesOf } from '../../support/process.ts';
import { eventsIn } from '../../support/said.ts';
import { isStandalone } from '../../support/sipwd.ts';
import { until } from '../../support/wait.ts';
import { CHECK } from './check.ts';
import { REPAIR } from './repair.ts';
import { pathsOf, type Stage, setUp } from './stage.ts';
import type { Aim } from './table.ts';
import { traced } from './traced.ts';

/** Calls whose names differ between machines and runtimes. */
const CALLS: Readonly<Record<string, string>> = {
  stat: '%%stat',
  readlink: '?readlink,readlinkat',
  mkdir: '?mkdir,mkdirat',
  rename: '?rename,?renameat,renameat2',
  unlink: '?unlink,unlinkat',
  fork: '?fork,?vfork,clone',
};

/** strace complains when a process is killed while it delays it. */
const ABOUT_A_DELAY = /^strace: dispatch_event: .*\n/gm;

/** What blocks is given up after two seconds: this leaves one for a slow machine. */
const BLOCKED_DEADLINE_MS = 3500;

/** sipwd waits a second until a service that it has started counts as up. */
const SETTLE_MS = 1500;

/** Runs sipwd with one fault. */
async function runWith(fault: string, aim: Aim | undefined, stage: Stage) {
  const [name = '', error, number] = fault.replace(/^\+/, '').split(':');
  const call = CALLS[name] ?? name;
  const effect = error === 'delay' ? 'delay_enter=60s' : `error=${error}`;
  const inject = `${call}:${effect}${number === undefined ? '' : `:when=${number}`}`;
  const follow = fault.startsWith('+') ? '-f --seccomp-bpf' : '';
  const paths = aim === undefined ? '' : pathsOf(aim, stage).join('" -P "');
  const options = `${follow} ${paths && `-P "${paths}"`} -e trace=${call} -e inject=${inject}`;
  const logfile = { SIPLOG_BEND: 'logfile', SIPLOG_LOGFILE_FILE: stage.service.path('log') };
  const { status, said } = await traced(stage, options, aim === 'logfile' ? logfile : {});
  return { status, said: said.replace(ABOUT_A_DELAY, '').trim() };
}

/** A tracer that delays a process goes on, even when sipwd has exited. */
function endTracers(trace: string): void {
  const tracers = processesOf((exe) => exe?.endsWith('/strace') === true);
  for (const pid of tracers) if (commandOf(pid).includes(trace)) kill(pid, 'SIGKILL');
}

const OTHER = isStandalone ? 'bin/sipwd' : 'standalone';

describe.skipIf(!canTrace)(`a system call fails (needs the package strace)`, () => {
  for (const { scene, status, outcome, events, rows } of [...CHECK, ...REPAIR].filter(({ only }) => only !== OTHER)) {
    for (const [what, fault, aim, text = ''] of rows) {
      test(`${scene}: when ${what}, ${outcome}: exit ${status}`, async () => {
        const stage = await setUp(scene);
        const { service } = stage;
        const began = performance.now();
        const run = await runWith(fault, aim, stage);

        const isDelay = fault.includes(':delay');
        const isStarted = outcome === 'the service is started';
        const deadline = BLOCKED_DEADLINE_MS + (isStarted ? SETTLE_MS : 0);
        if (isDelay) expect(performance.now() - began).toBeLessThan(deadline);
        const mark = isDelay ? '<unfinished ...>' : '(INJECTED)';
        await until('a fault was injected', () => readFileSync(service.path('trace'), 'utf8').includes(mark));
        endTracers(service.path('trace'));
        expect(run).toEqual({ status, said: expect.stringContaining(text) });
        if (events === undefined) expect(run.said.split('\n')).toHaveLength(1);
        else expect(eventsIn(run.said)).toEqual(events);
        expect([stage.stranger, stage.bystander].map(isAlive)).toEqual([true, true]);
        expect(existsSync(service.path('over'))).toBe(false);
        expect(isAlive(stage.left)).toBe(outcome === 'nothing is signalled or started');
        expect(service.starts).toBe(isStarted ? 1 : 0);
      });
    }
  }
});
