import { rmSync } from 'node:fs';
import { describe } from 'vitest';
import { inPart, type Row, sleeper, testStates } from '../support/dry-run.ts';
import { NO_PID, start } from '../support/process.ts';

const STATES: readonly Row[] = [
  {
    when: 'all PIDs run',
    make: async (service) => {
      service.writePids(await sleeper(service));
      return service;
    },
    action: 'nothing',
    why: /^all PIDs run$/,
    status: 0,
  },
  {
    when: 'the runfile is absent, and the pidfile is not usable',
    make: (service) => {
      rmSync(service.runfile);
      service.write('svc.pid', 'seven');
      return service;
    },
    action: 'nothing',
    why: /^there is no \S+, so the service is not meant to run$/,
    status: 0,
  },
  {
    when: 'the runfile is absent, and a part of the service runs',
    make: async (service) => {
      rmSync(service.runfile);
      return inPart(service);
    },
    action: 'nothing',
    why: /^there is no \S+, so the service is not meant to run$/,
    status: 0,
  },
  {
    when: 'there is no pidfile',
    make: (service) => service,
    action: 'start',
    why: /^there is no pidfile \S+$/,
    status: 1,
  },
  {
    when: 'the pidfile is empty',
    make: (service) => {
      service.writePids();
      return service;
    },
    action: 'start',
    why: /^there is no PID in \S+$/,
    status: 1,
  },
  {
    when: 'one PID of two is gone',
    make: inPart,
    action: 'clean up and start',
    why: new RegExp(`^PID ${NO_PID} is no process$`),
    status: 1,
  },
  {
    when: 'the PID is that of another program',
    make: (service) => {
      service.writePids(start('sleep', ['1000']).pid);
      return service;
    },
    action: 'start',
    why: /^PID \d+ runs \S+sleep, not \S+$/,
    status: 1,
  },
  {
    when: 'the caller starts the service itself (-e)',
    make: async (service) => ({ args: ['-e', ...(await inPart(service)).args] }),
    action: 'clean up and start',
    why: /is no process$/,
    status: 1,
  },
];

describe('what a dry run foretells of a service is what a run does', () => testStates(STATES));
