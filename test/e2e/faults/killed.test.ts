import { existsSync, readdirSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { stateDirectory } from '../../../src/files/state-dir.ts';
import { messages } from '../../../src/log/messages.ts';
import { canTrace } from '../../support/caller.ts';
import { kill } from '../../support/family.ts';
import { isAlive } from '../../support/process.ts';
import { rounds } from '../../support/rounds.ts';
import { SEED } from '../../support/seed.ts';
import { QUIET, sipwd } from '../../support/sipwd.ts';
import { until } from '../../support/wait.ts';
import { type Call, callsOf, sample } from './calls.ts';
import { type Stage, setUp } from './stage.ts';
import type { Scene } from './table.ts';
import { argsOn, traced } from './traced.ts';

/** Most of a run is a wait for the service. */
const AT_ONCE = 4;

const TIMEOUT_MS = rounds(120_000, 600_000);

/** The runs that follow: the second and the third one only if a start of the killed run was still under way. */
async function repair(stage: Stage): Promise<readonly (number | undefined)[]> {
  const statuses: (number | undefined)[] = [];
  for (let count = 0; count < 3; count++) {
    const { status, stderr } = await sipwd(argsOn(stage));
    statuses.push(status);
    if (status === 0) break;
    const [, command] = /runs as PID (\d+)/.exec(stderr) ?? [];
    if (command !== undefined) await until('the start command has exited', () => !isAlive(Number(command)));
  }
  return statuses;
}

/** Whether the runs that follow were as they may be: exit 75 or 3, at most twice, then 0. */
function isPatient(statuses: readonly (number | undefined)[]): boolean {
  return statuses.at(-1) === 0 && statuses.slice(0, -1).every((status) => status === 75 || status === 3);
}

function filesOf({ service }: Stage): string[] {
  const prefix = encodeURIComponent(`${service.dir}/`);
  return readdirSync(stateDirectory()).filter((name) => name.startsWith(prefix));
}

/** As if a minute had passed: then nobody writes them any more. */
function ageTemporaryFiles(stage: Stage): void {
  const then = Date.now() / 1000 - 61;
  for (const name of filesOf(stage)) if (/\.\d+$/.test(name)) utimesSync(join(stateDirectory(), name), then, then);
}

/** Kills sipwd at one system call, then runs it as cron would. @returns what is wrong; undefined: the call was not made */
async function killedAt({ name, number }: Call, scene: Scene): Promise<string[] | undefined> {
  const stage = await setUp(scene);
  const { service, left, stranger, bystander } = stage;
  try {
    const run = await traced(stage, `-e trace=${name} -e inject=${name}:signal=SIGKILL:when=${number}`);
    if (run.signal !== 'SIGKILL') return undefined;
    const isOrdered = scene === 'a forced restart';
    const isTaken = run.said.includes(messages.forcedRestart(service.forceFile).text);
    const isKept = existsSync(service.forceFile);
    ageTemporaryFiles(stage);
    const statuses = await repair(stage);
    const isOld = isAlive(left);
    const copies = service.processes.filter((pid) => pid !== bystander);
    const last = await sipwd(argsOn(stage));
    const faults = {
      'the order to restart is lost': isOrdered && !isKept && !isTaken,
      'the order to restart is not obeyed': isOld && (isKept || !isOrdered),
      'the force-restart file is left': existsSync(service.forceFile),
      [`the next runs end with ${statuses}`]: !isPatient(statuses),
      [`the copies are ${copies}, the pidfile has ${service.pids}`]:
        copies.length !== 1 || copies[0] !== service.pids[0],
      [`the start command ran ${service.starts} times`]: service.starts !== (isOld ? 0 : 1),
      'it was started beside the old process': existsSync(service.path('over')),
      'another process was signalled': ![stranger, bystander].every(isAlive),
      [`the last check says ${last.stderr}`]: last.status !== QUIET.status || last.stderr !== QUIET.stderr,
      [`files are left: ${filesOf(stage)}`]: filesOf(stage).some((file) => !/\.(lock|snapshot)$/.test(file)),
    };
    return Object.keys(faults).filter((fault) => faults[fault as keyof typeof faults]);
  } finally {
    await kill([stranger]);
    await service.end();
  }
}

describe.skipIf(!canTrace)('sipwd is killed at any system call (needs the package strace)', () => {
  for (const scene of ['a service with one process left', 'a forced restart'] as const) {
    test(
      `${scene}: when sipwd is killed, no order is lost, and the next runs bring it to one healthy copy`,
      async () => {
        const { acting, others } = await callsOf(scene);
        const chosen = [...sample(acting, rounds(6, acting.length), SEED), ...sample(others, rounds(2, 40), SEED)];
        const faults: Record<string, readonly string[]> = {};
        let killed = 0;
        const queue = [...chosen];
        const work = async () => {
          for (let call = queue.pop(); call !== undefined; call = queue.pop()) {
            const wrong = await killedAt(call, scene);
            if (wrong !== undefined) killed++;
            if (wrong?.length) faults[`${call.name} ${call.number}`] = wrong;
          }
        };
        await Promise.all(Array.from({ length: AT_ONCE }, work));
        const all = acting.length + others.length;
        console.log(
          `${scene}: killed at ${killed} of ${all} system calls, of which ${acting.length} act (seed ${SEED})`,
        );
        expect(faults).toEqual({});
        // How often a runtime allocates memory differs from run to run, and how many processes a scan finds.
        expect(killed).toBeGreaterThan(chosen.length * 0.5);
      },
      TIMEOUT_MS,
    );
  }
});
