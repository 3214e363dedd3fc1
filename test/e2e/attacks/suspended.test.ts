import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Event } from '../../../src/log/messages.ts';
import { canSetCorePattern, collector, heldProcess, isCompleteCore, withCorePattern } from '../../support/core.ts';
import { SOON } from '../../support/crew.ts';
import { isAlive, NO_PID, startSleeper, stateOf } from '../../support/process.ts';
import { type TestService, testService } from '../../support/service.ts';
import { sipwd, startSipwd } from '../../support/sipwd.ts';
import { passed, until } from '../../support/wait.ts';

/** Longer than each timeout. */
const LONG_MS = 700;

const TERM_WAIT = 'waiting up to 0.3 s until the processes have exited';
const CORE_WAIT = 'is dumping core';
const START_WAIT = 'waiting up to 0.4 s until all PIDs in the pidfile run';

/** Runs sipwd, and suspends it in a wait, as a debugger or a frozen machine does. */
async function runSuspended(args: readonly string[], wait: string, meanwhile: () => Promise<unknown>) {
  // Only debug messages tell of a wait, except that for a core.
  const env = { SIPLOG_LVL: wait === CORE_WAIT ? 'INFO' : 'DBUG' };
  const { child, run, says } = startSipwd([...SOON, '--start-timeout', '0.4', ...args], { env });
  await says(wait);
  child.kill('SIGSTOP');
  await until('sipwd is stopped', () => stateOf(child.pid ?? 0) === 'T');
  await meanwhile();
  child.kill('SIGCONT');
  const result = await run;
  const quiet: readonly Event[] = ['verdict', 'locked', 'planned', 'waiting'];
  return { status: result.status, events: result.events.filter((event) => !quiet.includes(event)) };
}

interface Row {
  readonly when: string;
  readonly result: string;
  readonly meanwhile: (service: TestService, left: number) => Promise<unknown>;
  readonly status: number;
  readonly events: readonly Event[];
  readonly starts: number;
  /** what is left of the service ignores SIGTERM, and lives on */
  readonly lives?: true;
}

const STOPPING: readonly Row[] = [
  {
    when: 'the timeout passes',
    result: 'SIGKILL follows, and the service is started once',
    meanwhile: () => passed(LONG_MS),
    ...{ status: 0, events: ['down', 'sent', 'sent', 'starting', 'started'], starts: 1 },
  },
  {
    when: 'the process exits and the timeout passes',
    result: 'there is no SIGKILL, and the service is started once',
    meanwhile: async (_, left) => {
      process.kill(left, 'SIGKILL');
      await passed(LONG_MS);
    },
    ...{ status: 0, events: ['down', 'sent', 'starting', 'started'], starts: 1 },
  },
  {
    when: 'the operator removes the runfile and the timeout passes',
    result: 'there is no SIGKILL and no start',
    meanwhile: async ({ runfile }) => {
      rmSync(runfile);
      await passed(LONG_MS);
    },
    ...{ status: 0, events: ['down', 'sent', 'disabledMeanwhile'], starts: 0, lives: true },
  },
  {
    when: 'cron starts the next run',
    result: 'that one exits with 75, and the first one starts the service',
    meanwhile: async ({ args }) => {
      expect((await sipwd(args)).status).toBe(75);
      await passed(LONG_MS);
    },
    ...{ status: 0, events: ['down', 'sent', 'sent', 'starting', 'started'], starts: 1 },
  },
];

describe('sipwd is suspended while it waits after SIGTERM', () => {
  test.for(STOPPING)('when $when, $result', async ({ meanwhile, status, events, starts, lives = false }) => {
    const service = testService();
    const left = await startSleeper(service.binfile, "trap '' TERM");
    service.writePids(left, NO_PID);
    const run = await runSuspended(service.args, TERM_WAIT, () => meanwhile(service, left));
    expect(run).toEqual({ status, events });
    expect({ starts: service.starts, lives: isAlive(left) }).toEqual({ starts, lives });
  });
});

test.skipIf(!canSetCorePattern)(
  'when sipwd is suspended while it waits for a core, the core is complete, and the service is started (needs root and a writable core_pattern)',
  async () => {
    const service = testService();
    await withCorePattern(collector(service), async () => {
      const { pid, release } = await heldProcess(service);
      service.writePids(pid);
      writeFileSync(service.forceFile, '');
      let core = Buffer.alloc(0);
      const run = await runSuspended(service.args, CORE_WAIT, async () => {
        await passed(LONG_MS);
        core = await release();
      });
      expect(run).toEqual({ status: 0, events: ['forcedRestart', 'sent', 'dumpingCore', 'starting', 'started'] });
      expect(isCompleteCore(core)).toBe(true);
      expect(service.starts).toBe(1);
    });
  },
);

describe('sipwd is suspended while it waits until the service runs', () => {
  /** The daemon writes its pidfile when the test says so. */
  const slowly = (service: TestService) =>
    `{ until [ -e ${service.path('go')} ]; do sleep 0.02; done; ${service.command}; } &`;
  const goes = async (service: TestService) => {
    await passed(LONG_MS);
    service.write('go', '');
    await until('the daemon runs', () => service.pids.length === 1);
  };

  test('when the daemon comes up after the timeout, the service is started', async () => {
    const service = testService();
    const args = service.args.with(3, slowly(service));
    const run = await runSuspended(args, START_WAIT, () => goes(service));
    expect(run).toEqual({ status: 0, events: ['down', 'starting', 'started'] });
    expect(service.processes).toHaveLength(1);
  });

  test('when the daemon does not come up, that is an error: exit 3', async () => {
    const service = testService();
    const run = await runSuspended(service.args.with(3, 'true'), START_WAIT, () => passed(LONG_MS));
    expect(run).toEqual({ status: 3, events: ['down', 'starting', 'notUp'] });
    expect(existsSync(service.pidfile)).toBe(false);
  });

  test.each([
    ['the daemon runs on', false, { status: 0, events: ['down', 'starting', 'started'] }],
    ['the daemon is killed', true, { status: 3, events: ['down', 'starting', 'notUp'] }],
  ])(
    'when it is suspended in the last second of the wait, and %s, it exits as if it had not been',
    async (_, isKilled, result) => {
      const service = testService();
      const settled = async () => {
        const pid = await until('the daemon runs', () => service.pids[0]);
        if (isKilled) process.kill(pid, 'SIGKILL');
        await passed(1200);
      };
      // By now sipwd has seen that the daemon runs: it looks every 50 ms.
      const args = service.args.with(3, `${service.command}; sleep 0.2`);
      expect(await runSuspended(args, START_WAIT, settled)).toEqual(result);
      expect(service.processes).toHaveLength(isKilled ? 0 : 1);
    },
  );
});
