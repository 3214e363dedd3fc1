import { mkdirSync } from 'node:fs';
import { describe } from 'vitest';
import { Crew, WORKER } from '../support/crew.ts';
import { inPart, ordered, type Row, testStates } from '../support/dry-run.ts';
import { NO_PID } from '../support/process.ts';

const STATES: readonly Row[] = [
  { when: 'a restart is ordered', make: ordered, action: 'restart by force', why: /^there is \S+force$/, status: 1 },
  {
    when: 'a restart is ordered of a service of which a part is gone',
    make: async (service) => {
      await ordered(service);
      return inPart(service);
    },
    action: 'restart by force',
    why: new RegExp(`^PID ${NO_PID} is no process, and there is \\S+force$`),
    status: 1,
  },
  {
    when: 'a restart is ordered by what is no regular file',
    make: async (service) => {
      mkdirSync(service.forceFile);
      return inPart(service);
    },
    action: 'clean up and start',
    why: /is no process$/,
    status: 1,
  },
  {
    when: 'a restart is ordered of a service that has workers',
    make: async (service) => {
      const crew = new Crew([WORKER.plain, WORKER.plain], service);
      await crew.startSeen();
      service.write('svc.force', '');
      return crew;
    },
    action: 'restart by force',
    why: /^there is \S+force$/,
    status: 1,
  },
  {
    when: 'the caller starts the service itself (-e), and a restart is ordered',
    make: async (service) => ({ args: ['-e', ...(await ordered(service)).args] }),
    action: 'restart by force',
    why: /^there is \S+force$/,
    status: 1,
  },
];

describe('what a dry run foretells of a forced restart is what a run does', () => testStates(STATES));
