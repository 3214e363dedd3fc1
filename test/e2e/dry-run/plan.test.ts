import { rmSync } from 'node:fs';
import { describe } from 'vitest';
import { messages } from '../../../src/log/messages.ts';
import { because, why } from '../../../src/log/reasons.ts';
import { absent, inPart, type Row, sleeper, testStates } from '../../support/dry-run.ts';
import { exeOf, start } from '../../support/process.ts';

const STATES: readonly Row[] = [
  {
    when: 'all PIDs run',
    make: async (service) => {
      service.writePids(await sleeper(service));
      return service;
    },
    kind: 'nothing',
    why: why.allRun,
    status: 0,
  },
  {
    when: 'the runfile is absent, and the pidfile is not usable',
    make: (service) => {
      rmSync(service.runfile);
      service.write('svc.pid', 'seven');
      return service;
    },
    kind: 'nothing',
    why: ({ runfile }) => messages.disabled(runfile).text,
    status: 0,
  },
  {
    when: 'the runfile is absent, and a part of the service runs',
    make: async (service) => {
      rmSync(service.runfile);
      return inPart(service);
    },
    kind: 'nothing',
    why: ({ runfile }) => messages.disabled(runfile).text,
    status: 0,
  },
  {
    when: 'there is no pidfile',
    make: (service) => service,
    kind: 'start',
    why: ({ pidfile }) => why.noPidfile(pidfile),
    status: 0,
  },
  {
    when: 'the pidfile is empty',
    make: (service) => {
      service.writePids();
      return service;
    },
    kind: 'start',
    why: ({ pidfile }) => why.noPid(pidfile),
    status: 0,
  },
  {
    when: 'one PID of two is gone',
    make: inPart,
    kind: 'clean up and start',
    why: absent,
    status: 0,
  },
  {
    when: 'the PID is that of another program',
    make: (service) => {
      service.writePids(start('sleep', ['1000']).pid);
      return service;
    },
    kind: 'start',
    why: ({ pids: [pid = 0], binfile }) => `PID ${pid} ${because.otherBinary(exeOf(pid) ?? '', binfile)}`,
    status: 0,
  },
  {
    when: 'the caller starts the service itself (-e)',
    make: async (service) => ({ args: ['-e', ...(await inPart(service)).args] }),
    kind: 'clean up and start',
    why: absent,
    status: 1,
  },
];

describe('a run does what the dry run has planned', () => testStates(STATES));
