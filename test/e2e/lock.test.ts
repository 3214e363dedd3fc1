import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { NO_PID, start, startAs } from '../support/process.ts';
import { type TestService, testService } from '../support/service.ts';
import { type Run, sipwd, startSipwd } from '../support/sipwd.ts';
import { folderOf, isRoot, NOBODY, publicProgram } from '../support/user.ts';
import { until } from '../support/wait.ts';

describe('two runs for the same service', () => {
  test('when ten runs find it down and it takes its time to die, one starts it and nine exit 75 or 0', async () => {
    const service = testService();
    const left = await startAs(`trap '' TERM; exec ${service.binfile} 1000`, service.name);
    service.writePids(left, NO_PID);
    const runs = await Promise.all(Array.from({ length: 10 }, () => sipwd(['--term-timeout', '1', ...service.args])));
    expect(service.starts).toBe(1);
    const others = runs.filter((run) => !run.said.some((line) => line.startsWith('started ')));
    expect(others).toHaveLength(9);
    for (const run of others) expect([0, 75]).toContain(run.status);
    for (const run of others.filter(({ status }) => status === 75)) {
      expect(run.said).toEqual([`another sipwd is at work on ${service.binfile}; nothing was done`]);
    }
    expect(others.some(({ status }) => status === 75)).toBe(true);
  });

  test('when the one at work is killed, the next proceeds at once', async () => {
    const service = testService();
    const [runfile, binfile, pidfile, command] = service.args;
    const hanging = startSipwd([runfile, binfile, pidfile, `touch ${service.path('hangs')}; exec ${binfile} 1000`], {
      stdout: 'ignore',
      stderr: 'ignore',
    });
    await until('the first command runs', () => existsSync(service.path('hangs')));
    expect((await sipwd(service.args)).status).toBe(75);
    hanging.child.kill('SIGKILL');
    await hanging.run;
    const next = await sipwd([runfile, binfile, pidfile, command]);
    expect(next.status).toBe(0);
    expect(service.starts).toBe(1);
  });

  test('when the pidfile is reached by another path, it is still the same service', async () => {
    const service = testService();
    const link = service.path('link');
    symlinkSync(service.dir, link);
    const [runfile, binfile, pidfile] = service.args;
    const hanging = startSipwd([runfile, binfile, pidfile, `touch ${service.path('hangs')}; exec ${binfile} 1000`], {
      stdout: 'ignore',
      stderr: 'ignore',
    });
    await until('the first command runs', () => existsSync(service.path('hangs')));
    const other = await sipwd([runfile, binfile, join(link, 'svc.pid'), service.command]);
    hanging.child.kill('SIGKILL');
    await hanging.run;
    expect(other.status).toBe(75);
  });

  test.each([
    ['a folder below a symlink', 'run', 'var/one/svc.pid'],
    ['the folder that a symlink leads to', 'run/one', 'var/svc.pid'],
  ])('when the start command makes %s, as after a boot, it is still the same service', async (_, target, pidfile) => {
    const service = testService();
    mkdirSync(service.path('run'));
    symlinkSync(target, service.path('var'));
    const [runfile, binfile] = service.args;
    const hang = `mkdir ${service.path('run/one')}; touch ${service.path('hangs')}; exec ${binfile} 1000`;
    const hanging = startSipwd([runfile, binfile, service.path(pidfile), hang], { stdout: 'ignore', stderr: 'ignore' });
    await until('the first command runs', () => existsSync(service.path('hangs')));
    const other = await sipwd([runfile, binfile, service.path(pidfile), service.command]);
    hanging.child.kill('SIGKILL');
    await hanging.run;
    expect(other.status).toBe(75);
    expect(service.starts).toBe(0);
  });
});

test('when two services are down, neither run waits for the other', async () => {
  const services = [testService(), testService()];
  const runs = services.map((service, index) => {
    const [runfile, binfile, pidfile, command] = service.args;
    const other = services[1 - index]?.path('met') ?? '';
    const meet = `touch ${service.path('met')}; until [ -e ${other} ]; do sleep 0.01; done`;
    return sipwd([runfile, binfile, pidfile, `${meet}; ${command}`]);
  });
  const ended: Run[] = await Promise.all(runs);
  expect(ended.map(({ status }) => status)).toEqual([0, 0]);
});

test('when a daemon was started, it holds no descriptor of the lock', async () => {
  const service = testService();
  await sipwd(service.args);
  const [pid] = service.pids;
  const open = readdirSync(`/proc/${pid}/fd`).map((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`));
  expect(open.filter((path) => path.endsWith('.lock'))).toEqual([]);
});

describe.skipIf(!isRoot)('the folder of the lock (needs root, to become another user)', () => {
  const asNobody = (service: TestService, runtime: string, args: string[] = service.args) => {
    service.give(NOBODY);
    return sipwd(args, { uid: NOBODY, gid: NOBODY, env: { XDG_RUNTIME_DIR: runtime } }, publicProgram());
  };

  test('when the service is healthy, no lock is taken', async () => {
    const service = testService();
    const runtime = folderOf(NOBODY);
    service.give(NOBODY);
    service.writePids(start(service.binfile, ['1000'], { uid: NOBODY, gid: NOBODY }).pid);
    expect(await asNobody(service, runtime)).toMatchObject({ status: 0, stderr: '' });
    expect(readdirSync(join(runtime, 'sipwd')).filter((name) => name.endsWith('.lock'))).toEqual([]);
  });

  test('when there is something to do, the folder is made for its owner alone', async () => {
    const service = testService();
    const runtime = folderOf(NOBODY);
    const [runfile, binfile, pidfile] = service.args;
    const run = await asNobody(service, runtime, ['--start-timeout', '0', runfile, binfile, pidfile, 'true']);
    expect(run.status).toBe(0);
    const stats = lstatSync(join(runtime, 'sipwd'));
    expect([stats.uid, stats.mode & 0o777]).toEqual([NOBODY, 0o700]);
  });

  const PLANTED: Record<string, (path: string, runtime: string) => void> = {
    'is a link to a folder of the user': (path, runtime) => {
      symlinkSync(runtime, path);
    },
    'belongs to somebody else': (path) => mkdirSync(path, { mode: 0o700 }),
    'is a file': (path) => writeFileSync(path, ''),
    'can be reached by others': (path) => {
      mkdirSync(path);
      chmodSync(path, 0o755);
      chownSync(path, NOBODY, NOBODY);
    },
  };
  for (const [what, plant] of Object.entries(PLANTED)) {
    test(`when the folder ${what}, sipwd refuses it: exit 5, nothing is started`, async () => {
      const service = testService();
      const runtime = folderOf(NOBODY);
      plant(join(runtime, 'sipwd'), runtime);
      const run = await asNobody(service, runtime);
      expect(run.status).toBe(5);
      expect(run.said).toEqual([
        expect.stringMatching(/^cannot take the lock \S+: \S+\/sipwd is not a folder that only uid 65534 can reach/),
      ]);
      expect(service.starts).toBe(0);
    });
  }
});
