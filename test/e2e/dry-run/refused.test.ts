import { chmodSync, existsSync, lchownSync, readFileSync, symlinkSync } from 'node:fs';
import { describe, expect } from 'vitest';
import { stateDirectory, stateName } from '../../../src/files/state-dir.ts';
import { messages } from '../../../src/log/messages.ts';
import { because, distrust } from '../../../src/log/reasons.ts';
import { asNobody, inPart, ordered, type Row, rehearse, testStates } from '../../support/dry-run.ts';
import { isAlive, startRenamed } from '../../support/process.ts';
import type { TestService } from '../../support/service.ts';
import { startSipwd } from '../../support/sipwd.ts';
import { isRoot, NOBODY } from '../../support/user.ts';
import { until } from '../../support/wait.ts';

const commandOf = ({ dir }: TestService) => `${dir}/command`;

/** 0: there is none yet. */
function pidIn(file: string): number {
  return existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0;
}

const STATES: readonly Row[] = [
  {
    when: 'another sipwd is working on the service',
    make: async (service) => {
      const hanging = `touch ${service.path('hangs')}; exec ${service.binfile} 1000`;
      const { child } = startSipwd(service.args.with(3, hanging), { stdout: 'ignore', stderr: 'ignore' });
      await until('the command of the other run hangs', () => existsSync(service.path('hangs')));
      const found = await rehearse(service);
      expect(found.lock).toMatchObject({
        holder: { pid: child.pid, uptime: expect.any(Number) },
        command: null,
        problem: null,
      });
      return service;
    },
    kind: 'refuse',
    why: () => messages.busy().text,
    status: 75,
  },
  {
    when: 'the start command of a sipwd that was killed still runs',
    make: async (service) => {
      const hanging = `echo $$ >${commandOf(service)}; exec ${service.binfile} 1000`;
      const { child, run } = startSipwd(service.args.with(3, hanging), { stdout: 'ignore', stderr: 'ignore' });
      const command = await until('its command hangs', () => pidIn(commandOf(service)));
      const lock = `${stateDirectory()}/${stateName(service.pidfile)}.lock`;
      await until('the lock file names it', () => readFileSync(lock, 'utf8').includes(`\n${command} `));
      child.kill('SIGKILL');
      await run;
      const found = await rehearse(service);
      const expected = { holder: null, command: { pid: command, uptime: expect.any(Number) }, problem: null };
      expect(found.lock).toMatchObject(expected);
      return service;
    },
    kind: 'refuse',
    why: (service) => messages.stillStarting(pidIn(commandOf(service))).text,
    status: 75,
  },
];

/** That none of the PIDs may be signalled. */
function barred({ pids }: TestService): string {
  const reasons = pids.filter(isAlive).map((pid) => `PID ${pid} ${because.mayNotBeSignalled()}`);
  return messages.notStopped(reasons.join(', ')).text;
}

const linkOf = ({ dir }: TestService) => `${dir}/link.pid`;

const STATES_OF_USERS: readonly Row[] = [
  {
    when: 'the pidfile is world-writable',
    make: async (service) => {
      await inPart(service);
      chmodSync(service.pidfile, 0o666);
      return service;
    },
    kind: 'refuse',
    why: ({ pids, pidfile }) => {
      const { why, fix } = distrust.world(pidfile);
      return messages.refused(pids.filter(isAlive), why, fix).text;
    },
    status: 4,
  },
  {
    when: 'a symbolic link of another user leads to the pidfile',
    make: async (service) => {
      await inPart(service);
      symlinkSync(service.pidfile, linkOf(service));
      lchownSync(linkOf(service), NOBODY, NOBODY);
      const call = { args: service.args.with(2, linkOf(service)) };
      expect((await rehearse(call)).pidfile?.link).toEqual({ path: linkOf(service), uid: NOBODY });
      return call;
    },
    kind: 'refuse',
    why: (service) => {
      const running = service.pids.filter(isAlive);
      const { why, fix } = distrust.link(linkOf(service), NOBODY, running[0] ?? 0);
      return messages.refused(running, why, fix).text;
    },
    status: 4,
  },
  {
    when: "it cannot be determined what another user's process runs",
    make: async (service) => {
      const options = { argv0: 'masked: idle' };
      service.writePids(await startRenamed(service.copy('/bin/sh', service.name), 'masked', options));
      return asNobody(service);
    },
    kind: 'refuse',
    why: ({ pids: [pid = 0] }) =>
      messages.cannotTell(`PID ${pid} ${because.exeNotReadable('masked', pid, 'EACCES')}`).text,
    status: 5,
  },
  {
    when: 'the user may not signal one of the processes',
    make: async (service) => {
      await inPart(service);
      service.give(NOBODY);
      return asNobody(service);
    },
    kind: 'refuse',
    why: barred,
    status: 4,
  },
  {
    when: 'a forced restart is ordered, and the user may not signal the processes',
    make: async (service) => {
      await ordered(service);
      service.give(NOBODY);
      return asNobody(service);
    },
    kind: 'refuse',
    why: barred,
    status: 4,
  },
];

describe('when a dry run says that a run refuses, it does', () => {
  testStates(STATES);
  describe.skipIf(!isRoot)('of users (needs root)', () => testStates(STATES_OF_USERS));
});
