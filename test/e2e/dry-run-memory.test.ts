import { readFileSync, writeFileSync } from 'node:fs';
import { describe } from 'vitest';
import { Crew, recordOf, WORKER } from '../support/crew.ts';
import { type Row, sleeper, testStates } from '../support/dry-run.ts';
import type { TestService } from '../support/service.ts';
import { sipwd } from '../support/sipwd.ts';

/** A crew whose main process was killed, after sipwd had seen it. */
async function fallen(service: TestService): Promise<Crew> {
  const crew = new Crew([WORKER.plain, WORKER.plain], service);
  await crew.startSeen();
  await crew.killMain();
  return crew;
}

const STATES: readonly Row[] = [
  {
    when: 'workers outlived their main process',
    make: fallen,
    action: 'clean up and start',
    why: /^PID \d+ (is no process|has exited .*)$/,
    status: 1,
  },
  {
    when: 'workers outlived their main process, and the memory is turned off',
    make: async (service) => ({ args: ['--no-memory', ...(await fallen(service)).args] }),
    action: 'start',
    why: /^PID \d+ (is no process|has exited .*)$/,
    status: 1,
  },
  {
    when: 'another process than the one on record has the PID',
    make: async (service) => {
      service.writePids(await sleeper(service));
      await sipwd(service.args);
      const record = await recordOf(service);
      writeFileSync(record, readFileSync(record, 'latin1').replace(/"startTime":/, '"startTime":1'));
      return service;
    },
    action: 'start',
    why: /^PID \d+ was recycled: it started at \d+, not at 1\d+ \(clock ticks from boot\)$/,
    status: 1,
  },
];

describe('what a dry run foretells by what is remembered is what a run does', () => testStates(STATES));
