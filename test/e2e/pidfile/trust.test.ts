import { chmodSync, chownSync, existsSync, lchownSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Distrust } from '../../../src/files/trust.ts';
import { messages } from '../../../src/log/messages.ts';
import { distrust } from '../../../src/log/reasons.ts';
import { lineOf } from '../../support/messages.ts';
import { isAlive, NO_PID, start, startAs } from '../../support/process.ts';
import { type TestService, testService } from '../../support/service.ts';
import { QUIET, type Run, sipwd } from '../../support/sipwd.ts';
import { isRoot, NOBODY } from '../../support/user.ts';

const HIGH_UID = 2 ** 31 + 7;

/** Starts one process of the service, and writes its PID into the pidfile, beside one that is gone. */
async function leaveOne(service: TestService, uid: number): Promise<number> {
  const become = `setpriv --reuid=${uid} --regid=${uid} --clear-groups`;
  const pid = await startAs(`exec ${become} ${service.binfile} 1000`, service.name);
  service.writePids(pid, NO_PID);
  return pid;
}

/** That the run refused to signal the process, and why. */
function expectRefused(run: Run, service: TestService, left: number, { why, fix }: Distrust): void {
  expect(run.status).toBe(4);
  expect(run.events).toEqual(['down', 'refused']);
  expect(run.said[1]).toBe(lineOf(messages.refused([left], why, fix), service.name));
  expect(isAlive(left)).toBe(true);
  expect(service.starts).toBe(0);
}

interface Row {
  readonly when: string;
  readonly make: (service: TestService) => void;
  /** of the process */
  readonly uid: number;
}

const REFUSED: readonly (Row & { readonly reason: (pidfile: string, pid: number) => Distrust })[] = [
  {
    when: 'it is world-writable',
    make: ({ pidfile }) => chmodSync(pidfile, 0o646),
    uid: 0,
    reason: distrust.world,
  },
  {
    when: 'it is writable by a group other than 0',
    make: ({ pidfile }) => {
      chownSync(pidfile, 0, NOBODY);
      chmodSync(pidfile, 0o664);
    },
    uid: 0,
    reason: (pidfile) => distrust.group(pidfile, NOBODY),
  },
  {
    when: "another user owns it, and the process is not that user's",
    make: ({ pidfile }) => chownSync(pidfile, NOBODY, 0),
    uid: 0,
    reason: (pidfile, pid) => distrust.owner(pidfile, NOBODY, pid),
  },
  {
    when: "a user above 2^31 owns it, and the process is not that user's",
    make: ({ pidfile }) => chownSync(pidfile, HIGH_UID, 0),
    uid: NOBODY,
    reason: (pidfile, pid) => distrust.owner(pidfile, HIGH_UID, pid),
  },
];

const ACCEPTED: readonly Row[] = [
  { when: 'root owns it and group 0 can write it', make: ({ pidfile }) => chmodSync(pidfile, 0o664), uid: NOBODY },
  { when: 'the user of the process owns it', make: ({ pidfile }) => chownSync(pidfile, NOBODY, 0), uid: NOBODY },
  {
    when: 'a user above 2^31 owns it and the process',
    make: ({ pidfile }) => chownSync(pidfile, HIGH_UID, 0),
    uid: HIGH_UID,
  },
];

describe.skipIf(!isRoot)('the trust in the pidfile (needs root)', () => {
  for (const { when, make, uid, reason } of REFUSED) {
    test(`when ${when}, nothing is signalled or started, and the fix is logged: exit 4`, async () => {
      const service = testService();
      const left = await leaveOne(service, uid);
      make(service);
      writeFileSync(service.forceFile, '');
      expectRefused(await sipwd(service.args), service, left, reason(service.pidfile, left));
      expect(existsSync(service.forceFile)).toBe(true);
    });
  }

  test.each([
    { what: 'a symbolic link', link: 'foreign/svc.pid', to: 'svc.pid' },
    { what: 'a symbolic link to its directory', link: 'foreign/directory', to: '.' },
  ])('when $what of another user leads to it, that user counts as its owner', async ({ link, to }) => {
    const service = testService();
    const left = await leaveOne(service, 0);
    mkdirSync(service.path('foreign'));
    const path = service.path(link);
    symlinkSync(service.path(to), path);
    lchownSync(path, NOBODY, NOBODY);
    const pidfile = to === '.' ? `${path}/${basename(service.pidfile)}` : path;
    const run = await sipwd(service.args.with(2, pidfile));
    expectRefused(run, service, left, distrust.link(path, NOBODY, left));
  });

  test("when root's symbolic link leads to it, it is trusted", async () => {
    const service = testService();
    const left = await leaveOne(service, 0);
    const link = service.path('link.pid');
    symlinkSync('svc.pid', link);
    expect((await sipwd(['--start-timeout', '0', ...service.args.with(2, link)])).status).toBe(0);
    expect(isAlive(left)).toBe(false);
  });

  for (const { when, make, uid } of ACCEPTED) {
    test(`when ${when}, it is trusted`, async () => {
      const service = testService();
      const left = await leaveOne(service, uid);
      make(service);
      expect((await sipwd(service.args)).status).toBe(0);
      expect(isAlive(left)).toBe(false);
      expect(service.starts).toBe(1);
    });
  }

  test('when it is world-writable and all of its PIDs run, the service is healthy', async () => {
    const service = testService();
    service.writePids(start(service.binfile, ['1000']).pid);
    chmodSync(service.pidfile, 0o666);
    expect(await sipwd(service.args)).toMatchObject(QUIET);
  });

  test('when it is world-writable and none of its PIDs runs, the service is started', async () => {
    const service = testService();
    service.writePids(NO_PID);
    chmodSync(service.pidfile, 0o666);
    const run = await sipwd(service.args);
    expect(run.status).toBe(0);
    expect(run.events).toEqual(['down', 'starting', 'started']);
    expect(service.starts).toBe(1);
  });
});
