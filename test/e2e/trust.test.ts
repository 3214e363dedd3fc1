import { chmodSync, chownSync, existsSync, lchownSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { isAlive, NO_PID, start, startAs } from '../support/process.ts';
import { type TestService, testService } from '../support/service.ts';
import { sipwd } from '../support/sipwd.ts';
import { isRoot, NOBODY } from '../support/user.ts';

const HIGH_UID = 2 ** 31 + 7;

/** Starts one process of the service, and names it in the pidfile beside one that is gone. */
async function leaveOne(service: TestService, uid: number): Promise<number> {
  const become = `setpriv --reuid=${uid} --regid=${uid} --clear-groups`;
  const pid = await startAs(`exec ${become} ${service.binfile} 1000`, service.name);
  service.writePids(pid, NO_PID);
  return pid;
}

describe.skipIf(!isRoot)('the trust in the pidfile (needs root)', () => {
  const REFUSED: [string, (service: TestService) => void, number, RegExp][] = [
    [
      'everybody can write it',
      ({ pidfile }) => chmodSync(pidfile, 0o646),
      0,
      /everybody can write it; chmod o-w \S+svc\.pid$/,
    ],
    [
      'a group other than 0 can write it',
      ({ pidfile }) => {
        chownSync(pidfile, 0, NOBODY);
        chmodSync(pidfile, 0o664);
      },
      0,
      /its group 65534 can write it; chmod g-w \S+svc\.pid$/,
    ],
    [
      'another user owns it, and the process is not that user',
      ({ pidfile }) => chownSync(pidfile, NOBODY, 0),
      0,
      /it is owned by uid 65534, but PID \d+ is not that user's; chown root \S+svc\.pid$/,
    ],
    [
      'a user above 2^31 owns it, and the process is not that user',
      ({ pidfile }) => chownSync(pidfile, HIGH_UID, 0),
      NOBODY,
      /it is owned by uid 2147483655, but PID \d+ is not that user's/,
    ],
  ];
  for (const [when, make, uid, message] of REFUSED) {
    test(`when ${when}, no signal is sent on its word: exit 4, no start, and what mends it is said`, async () => {
      const service = testService();
      const left = await leaveOne(service, uid);
      make(service);
      writeFileSync(service.forceFile, '');
      const run = await sipwd(service.args);
      expect(run.status).toBe(4);
      expect(run.said.at(-1)).toMatch(/^cannot signal \S+ on the word of \S+svc\.pid, so nothing was started: /);
      expect(run.said.at(-1)).toMatch(message);
      expect(isAlive(left)).toBe(true);
      expect(service.starts).toBe(0);
      expect(existsSync(service.forceFile)).toBe(true);
    });
  }

  test.each([
    { what: 'a link', link: 'foreign/svc.pid', to: 'svc.pid' },
    { what: 'a link to its folder', link: 'foreign/folder', to: '.' },
  ])('when $what of another user leads to it, it is as if that user owned it', async ({ link, to }) => {
    const service = testService();
    const left = await leaveOne(service, 0);
    mkdirSync(service.path('foreign'));
    symlinkSync(service.path(to), service.path(link));
    lchownSync(service.path(link), NOBODY, NOBODY);
    const pidfile = to === '.' ? service.path(`${link}/svc.pid`) : service.path(link);
    const run = await sipwd(service.args.with(2, pidfile));
    expect(run.status).toBe(4);
    const path = service.path(link);
    const why = `the link ${path} is owned by uid 65534, but PID ${left} is not that user's; chown -h root ${path}`;
    expect(run.said.at(-1)).toBe(
      `cannot signal ${service.binfile} on the word of ${pidfile}, so nothing was started: ${why}`,
    );
    expect(isAlive(left)).toBe(true);
    expect(service.starts).toBe(0);
  });

  test("when a link of root's leads to it, its word counts", async () => {
    const service = testService();
    const left = await leaveOne(service, 0);
    symlinkSync('svc.pid', service.path('link.pid'));
    expect((await sipwd(['--start-timeout', '0', ...service.args.with(2, service.path('link.pid'))])).status).toBe(0);
    expect(isAlive(left)).toBe(false);
  });

  const ACCEPTED: [string, (service: TestService) => void, number][] = [
    ['root owns it and group 0 can write it', ({ pidfile }) => chmodSync(pidfile, 0o664), NOBODY],
    ['the user of the processes owns it', ({ pidfile }) => chownSync(pidfile, NOBODY, 0), NOBODY],
    ['a user above 2^31 owns it and the processes', ({ pidfile }) => chownSync(pidfile, HIGH_UID, 0), HIGH_UID],
  ];
  for (const [when, make, uid] of ACCEPTED) {
    test(`when ${when}, its word counts`, async () => {
      const service = testService();
      const left = await leaveOne(service, uid);
      make(service);
      const run = await sipwd(service.args);
      expect(run.status).toBe(0);
      expect(isAlive(left)).toBe(false);
      expect(service.starts).toBe(1);
    });
  }

  test('when everybody can write it and all of its PIDs run, the service is healthy', async () => {
    const service = testService();
    service.writePids(start(service.binfile, ['1000']).pid);
    chmodSync(service.pidfile, 0o666);
    expect(await sipwd(service.args)).toMatchObject({ status: 0, stderr: '' });
  });

  test('when everybody can write it and none of its PIDs runs, there is nothing to signal: it is started', async () => {
    const service = testService();
    service.writePids(NO_PID);
    chmodSync(service.pidfile, 0o666);
    expect((await sipwd(service.args)).status).toBe(0);
    expect(service.starts).toBe(1);
  });
});
