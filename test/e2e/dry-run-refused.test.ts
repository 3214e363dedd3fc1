import { chmodSync, existsSync, mkdirSync } from 'node:fs';
import { describe, expect } from 'vitest';
import { asNobody, foretell, inPart, ordered, type Row, testStates } from '../support/dry-run.ts';
import { startRenamed } from '../support/process.ts';
import { startSipwd } from '../support/sipwd.ts';
import { folderOf, isRoot, NOBODY } from '../support/user.ts';
import { until } from '../support/wait.ts';

const STATES: readonly Row[] = [
  {
    when: 'another run is at work',
    make: async (service) => {
      const hanging = `touch ${service.path('hangs')}; exec ${service.binfile} 1000`;
      const { child } = startSipwd(service.args.with(3, hanging), {
        stdout: 'ignore',
        stderr: 'ignore',
      });
      await until('the command of the other run hangs', () => existsSync(service.path('hangs')));
      const found = await foretell(service);
      expect(found.lock.holder).toEqual({ pid: child.pid, uptime: expect.any(Number) });
      return service;
    },
    action: 'refuse',
    why: /^another sipwd, PID \d+, is at work on it$/,
    status: 75,
  },
];

const STATES_OF_USERS: readonly Row[] = [
  {
    when: 'everybody can write the pidfile',
    make: async (service) => {
      await inPart(service);
      chmodSync(service.pidfile, 0o666);
      return service;
    },
    action: 'refuse',
    why: /^the pidfile cannot be trusted: everybody can write it; chmod o-w \S+$/,
    status: 4,
  },
  {
    when: "it cannot be told what another user's process runs",
    make: async (service) => {
      const options = { argv0: 'masked: idle' };
      service.writePids(await startRenamed(service.copy('/bin/sh', service.name), 'masked', options));
      return asNobody(service);
    },
    action: 'refuse',
    why: /^PID \d+ runs as masked, and \/proc\/\d+\/exe cannot be read: EACCES$/,
    status: 5,
  },
  {
    when: 'the user may not signal one of them',
    make: async (service) => {
      await inPart(service);
      service.give(NOBODY);
      return asNobody(service);
    },
    action: 'refuse',
    why: /^PID \d+ may not be signalled by this user$/,
    status: 4,
  },
  {
    when: 'a restart is ordered, and the user may not signal one of them',
    make: async (service) => {
      await ordered(service);
      service.give(NOBODY);
      return asNobody(service);
    },
    action: 'refuse',
    why: /^PID \d+ may not be signalled by this user$/,
    status: 4,
  },
  {
    when: 'the folder of the lock is open to others',
    make: (service) => {
      service.give(NOBODY);
      const runtime = folderOf(NOBODY);
      mkdirSync(`${runtime}/sipwd`);
      return asNobody(service, runtime);
    },
    action: 'refuse',
    why: /^cannot take the lock \S+: \S+ is not a folder that only uid 65534 can reach; /,
    status: 5,
  },
];

describe('when a dry run foretells that a run refuses, it does', () => {
  testStates(STATES);
  describe.skipIf(!isRoot)('of users (needs root)', () => testStates(STATES_OF_USERS));
});
