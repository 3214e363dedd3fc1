import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { expect, test } from 'vitest';
import { locate } from '../support/daemons.ts';
import { kill } from '../support/family.ts';
import { canRun, Machine } from '../support/machine.ts';
import { isAlive, start } from '../support/process.ts';
import { type TestService, testService } from '../support/service.ts';
import { PROGRAM, sipwd } from '../support/sipwd.ts';
import { until } from '../support/wait.ts';

/** cron reads its tables and runs its jobs when a minute begins. */
const TWO_MINUTES = 120_000;

const THREE = ['nginx', 'redis', 'memcached'] as const;
const NEEDED = 'needs root, cron, nginx, redis-server, memcached, and CI=true or SIPWD_CRON=1';

const hasAll = canRun(...THREE) && locate('cron') !== undefined;
const mayTakeLong = process.env.CI === 'true' || process.env.SIPWD_CRON === '1';

/** A job for each minute: what it says goes to one file, its status and the PID of the job's cron to another. */
function recorded(command: string, said: string, ran: string): string {
  return `${command} >>${said} 2>&1; echo $? $PPID >>${ran}`;
}

function job(service: TestService): string {
  const [runfile, binfile, pidfile, command] = service.args;
  const call = `${PROGRAM} ${runfile} ${binfile} ${pidfile} '${command}'`;
  return `* * * * * root ${recorded(call, ...filesOf(service))}\n`;
}

function filesOf(service: TestService): [said: string, ran: string] {
  return [service.path('said'), service.path('ran')];
}

/** The status and the PID of the first job; it has written all that it will. */
async function firstJob(said: string, ran: string) {
  await until('cron has run the job', () => existsSync(ran) && readFileSync(ran, 'utf8').includes('\n'), TWO_MINUTES);
  const [status, pid] = readFileSync(ran, 'utf8').split(/\s/).map(Number);
  return { status, pid: pid ?? 0, said: readFileSync(said, 'utf8') };
}

function isCronRunning(): boolean {
  return readdirSync('/proc').some((pid) => {
    try {
      return readFileSync(`/proc/${pid}/comm`, 'utf8') === 'cron\n' && isAlive(Number(pid));
    } catch {
      return false;
    }
  });
}

/** Three real daemons that run but for redis-server, which was killed, and the script that looks after them. */
async function threeServices(machine: Machine): Promise<string> {
  for (const script of ['sipwd-services', 'sipwd-detector']) {
    machine.install(`sbin/${script}`, `/usr/local/sbin/${script}`);
  }
  for (const name of THREE) {
    await machine.provide(name);
    machine.want(name);
  }
  const watch = machine.job('sipwd-services');
  expect(await machine.run(watch)).toMatchObject({ status: 0 });
  for (const name of THREE) await machine.answers(name);
  await machine.kill('redis');
  return watch;
}

// One test for all of it: a minute is waited for once.
test.skipIf(!hasAll || !mayTakeLong)(
  `when a service was killed, cron brings it back for good, by itself or among several; those that are well cost no line (takes a minute: ${NEEDED})`,
  async () => {
    const [well, killed] = [testService(), testService()];
    for (const service of [well, killed]) expect(await sipwd(service.args)).toMatchObject({ status: 0 });
    const before = well.pids;
    await kill(killed.pids);
    const machine = new Machine();
    const table = `/etc/cron.d/sipwd-test-${basename(well.dir).replace(/\W/g, '-')}`;
    try {
      const watch = await threeServices(machine);
      const daemons = THREE.map((name) => machine.pid(name));
      // The second call finds what the first has left.
      const files = (turn: string): [string, string] => [machine.at(`var/said.${turn}`), machine.at(`var/ran.${turn}`)];
      const twice = `${recorded(watch, ...files('first'))}; ${recorded(watch, ...files('second'))}`;
      const own = `PATH=${dirname(process.execPath)}:/usr/bin:/bin\n${job(well)}${job(killed)}`;
      writeFileSync(table, `${own}${machine.read('cron.d/sipwd').replace(watch, twice)}`);
      if (!isCronRunning()) start('cron', ['-f']);

      expect(await firstJob(...filesOf(well))).toMatchObject({ status: 0, said: '' });
      expect(well.pids).toEqual(before);

      const { status, pid, said } = await firstJob(...filesOf(killed));
      expect({ status, said }).toEqual({ status: 0, said: expect.stringContaining(`started ${killed.binfile}: PID `) });
      await until('the job is over', () => !isAlive(pid));
      expect(killed.pids.map(isAlive)).toEqual([true]);

      const first = await firstJob(...files('first'));
      expect(first).toMatchObject({ status: 0, said: expect.stringMatching(/started \S+redis-server: PID /) });
      expect(first.said).not.toMatch(/nginx|memcached/);
      expect(await firstJob(...files('second'))).toMatchObject({ status: 0, said: '' });
      await until('the job is over', () => !isAlive(first.pid));
      for (const name of THREE) await machine.answers(name);
      expect(THREE.map((name, index) => machine.pid(name) === daemons[index])).toEqual([true, false, true]);
    } finally {
      rmSync(table, { force: true });
      await machine.end();
    }
  },
  2 * TWO_MINUTES,
);
