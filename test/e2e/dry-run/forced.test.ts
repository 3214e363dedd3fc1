import { mkdirSync } from 'node:fs';
import { describe } from 'vitest';
import { why } from '../../../src/log/reasons.ts';
import { Crew, WORKER } from '../../support/crew.ts';
import { absent, inPart, ordered, type Row, testStates } from '../../support/dry-run.ts';
import type { TestService } from '../../support/service.ts';

const byOrder = ({ forceFile }: TestService) => why.ordered(forceFile);

const STATES: readonly Row[] = [
  { when: 'a forced restart is ordered', make: ordered, kind: 'forced restart', why: byOrder, status: 0 },
  {
    when: 'a forced restart is ordered of a service of which a part is gone',
    make: async (service) => {
      await ordered(service);
      return inPart(service);
    },
    kind: 'forced restart',
    why: (service) => `${absent()}, and ${byOrder(service)}`,
    status: 0,
  },
  {
    when: 'the force-restart file is not a regular file',
    make: async (service) => {
      mkdirSync(service.forceFile);
      return inPart(service);
    },
    kind: 'clean up and start',
    why: absent,
    status: 0,
  },
  {
    when: 'a forced restart is ordered of a service that has workers',
    make: async (service) => {
      const crew = new Crew([WORKER.plain, WORKER.plain], service);
      await crew.startSeen();
      service.write('svc.force', '');
      return crew;
    },
    kind: 'forced restart',
    why: byOrder,
    status: 0,
  },
  {
    when: 'the caller starts the service itself (-e), and a forced restart is ordered',
    make: async (service) => ({ args: ['-e', ...(await ordered(service)).args] }),
    kind: 'forced restart',
    why: byOrder,
    status: 1,
  },
];

describe('a run does what the dry run of a forced restart has planned', () => testStates(STATES));
