import { readFileSync, writeFileSync } from 'node:fs';
import { describe } from 'vitest';
import { because } from '../../../src/log/reasons.ts';
import { Crew, snapshotOf, WORKER } from '../../support/crew.ts';
import { type Row, sleeper, testStates } from '../../support/dry-run.ts';
import { startTimeOf } from '../../support/process.ts';
import type { TestService } from '../../support/service.ts';
import { sipwd } from '../../support/sipwd.ts';

/** A crew whose main process was killed after a healthy check. */
async function orphaned(service: TestService): Promise<Crew> {
  const crew = new Crew([WORKER.plain, WORKER.plain], service);
  await crew.startSeen();
  await crew.killMain();
  return crew;
}

/** Nobody may have reaped it yet. */
function mainIsGone(service: TestService): string[] {
  const main = readFileSync(service.path('one.pid'), 'utf8').trim();
  return [because.absent(), because.zombie()].map((reason) => `PID ${main} ${reason}`);
}

const STATES: readonly Row[] = [
  {
    when: 'there are orphans',
    make: orphaned,
    kind: 'clean up and start',
    why: mainIsGone,
    status: 0,
  },
  {
    when: 'there are orphans, and snapshots are turned off',
    make: async (service) => ({ args: ['--no-memory', ...(await orphaned(service)).args] }),
    kind: 'start',
    why: mainIsGone,
    status: 0,
  },
  {
    when: 'the start time of a PID is not that of the snapshot',
    make: async (service) => {
      service.writePids(await sleeper(service));
      await sipwd(service.args);
      const snapshot = snapshotOf(service);
      writeFileSync(snapshot, readFileSync(snapshot, 'latin1').replace(/"startTime":/, '"startTime":1'));
      return service;
    },
    kind: 'start',
    why: ({ pids: [pid = 0] }) => {
      const startTime = startTimeOf(pid);
      return `PID ${pid} ${because.recycled(Number(startTime), Number(`1${startTime}`))}`;
    },
    status: 0,
  },
];

describe('a run does what the dry run has planned because of the snapshot', () => testStates(STATES));
