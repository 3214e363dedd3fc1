import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { expect, test } from 'vitest';
import { isInstalled } from '../../support/caller.ts';
import {
  HAS_CRON,
  jobsIn,
  MAY_TAKE_LONG,
  NEEDS_TIME,
  recorded,
  startCron,
  TWO_MINUTES,
  tableOfCron,
} from '../../support/cron.ts';
import { familyOf, kill } from '../../support/family.ts';
import { Fleet, NEEDED_FOR_FLEET } from '../../support/fleet.ts';
import { complete, expectRepaired } from '../../support/fleet-repairs.ts';
import { canRun, Machine } from '../../support/machine.ts';
import { isAlive } from '../../support/process.ts';
import { rounds } from '../../support/rounds.ts';
import { eventsIn, linesIn } from '../../support/said.ts';
import { type TestService, testService } from '../../support/service.ts';
import { PROGRAM, sipwd } from '../../support/sipwd.ts';
import { runTable } from '../../support/table.ts';
import { until } from '../../support/wait.ts';

const STARTED = ['down', 'starting', 'started'];

const THREE = ['nginx', 'redis', 'memcached'] as const;
const NEEDED = `needs root, cron, nginx, redis-server, memcached, and ${NEEDS_TIME}`;
const NEEDED_FOR_SIP = `needs root, cron, kamailio, sipsak, and ${NEEDS_TIME}`;

function job(service: TestService): string {
  const [runfile, binfile, pidfile, command] = service.args;
  const call = `${PROGRAM} ${runfile} ${binfile} ${pidfile} '${command}'`;
  return `* * * * * root ${recorded(call, ...filesOf(service))}\n`;
}

function filesOf(service: TestService): [said: string, ran: string] {
  return [service.path('said'), service.path('ran')];
}

/** The result of the first job, when it is complete. */
async function firstJob(said: string, ran: string) {
  const { status, pid } = await until('cron has run the job', () => jobsIn(ran)[0], TWO_MINUTES);
  return { status, pid, said: readFileSync(said, 'utf8') };
}

/** Starts three real daemons and kills redis-server. Returns the command of cron's table that checks them. */
async function threeServices(machine: Machine): Promise<string> {
  for (const script of ['sipwd-services', 'sipwd-detector']) {
    machine.install(`sbin/${script}`, `/usr/local/sbin/${script}`);
  }
  for (const name of THREE) {
    await machine.provide(name);
    machine.enable(name);
  }
  const watch = machine.job('sipwd-services');
  expect(await machine.run(watch)).toMatchObject({ status: 0 });
  for (const name of THREE) await machine.answers(name);
  await machine.kill('redis');
  return watch;
}

// One test for all of it, because it waits for the next minute.
test.skipIf(!HAS_CRON || !canRun(...THREE) || !MAY_TAKE_LONG)(
  `when a service was killed, cron and sipwd start it, as the only one or as one of several, and healthy ones log nothing (takes a minute: ${NEEDED})`,
  async () => {
    const [healthy, killed] = [testService(), testService()];
    for (const service of [healthy, killed]) expect(await sipwd(service.args)).toMatchObject({ status: 0 });
    const before = healthy.pids;
    await kill(killed.pids);
    const machine = new Machine();
    const table = tableOfCron(healthy.dir);
    try {
      const watch = await threeServices(machine);
      const daemons = THREE.map((name) => machine.pid(name));
      // The second call checks what the first has started.
      const files = (turn: string): [string, string] => [machine.at(`var/said.${turn}`), machine.at(`var/ran.${turn}`)];
      const twice = `${recorded(watch, ...files('first'))}; ${recorded(watch, ...files('second'))}`;
      const own = `PATH=${dirname(process.execPath)}:/usr/bin:/bin\n${job(healthy)}${job(killed)}`;
      writeFileSync(table, `${own}${machine.read('cron.d/sipwd').replace(watch, twice)}`);
      startCron();

      expect(await firstJob(...filesOf(healthy))).toMatchObject({ status: 0, said: '' });
      expect(healthy.pids).toEqual(before);

      const { status, pid, said } = await firstJob(...filesOf(killed));
      expect({ status, events: eventsIn(said.trim()) }).toEqual({ status: 0, events: STARTED });
      await until('the job has ended', () => !isAlive(pid));
      expect(killed.pids.map(isAlive)).toEqual([true]);

      const first = await firstJob(...files('first'));
      expect({ status: first.status, events: eventsIn(first.said.trim()) }).toEqual({ status: 0, events: STARTED });
      for (const line of linesIn(first.said.trim())) expect(line).toMatch(/^(warning: )?redis-server: /);
      expect(await firstJob(...files('second'))).toMatchObject({ status: 0, said: '' });
      await until('the job has ended', () => !isAlive(first.pid));
      for (const name of THREE) await machine.answers(name);
      expect(THREE.map((name, index) => machine.pid(name) === daemons[index])).toEqual([true, false, true]);
    } finally {
      rmSync(table, { force: true });
      await machine.end();
    }
  },
  2 * TWO_MINUTES,
);

/** Starts kamailio. Returns the commands of cron's table that check it: three times by the detector, then by sipwd. */
async function kamailioAndDetector(machine: Machine): Promise<string> {
  machine.install('sbin/sipwd-detector', '/usr/local/sbin/sipwd-detector', { 'seconds=10': 'seconds=1' });
  await machine.provide('kamailio');
  machine.enable('kamailio');
  const { at } = machine;
  const files = `${at('/run/kamailio.runs')} /usr/sbin/kamailio ${machine.pidfile('kamailio')}`;
  const command = `"${at('/usr/local/etc/rc.d/kamailio.sh')} >/dev/null 2>&1"`;
  const watch = `${at('/usr/local/bin/sipwd')} ${files} ${command} ${at('/run/kamailio.force')}`;
  expect(await machine.run(watch)).toMatchObject({ status: 0 });
  await machine.answers('kamailio');
  const port = `sip:127.0.0.1:${machine.port('kamailio')}`;
  const detect = machine.job('/run/kamailio.force', { 'sip:127.0.0.1:5060': port });
  return `{ ${[detect, detect, detect, watch].join('; ')}; }`;
}

test.skipIf(!HAS_CRON || !canRun('kamailio') || !isInstalled('sipsak') || !MAY_TAKE_LONG)(
  `when kamailio is stopped with SIGSTOP, the detector and sipwd, run by cron, restart it (takes a minute: ${NEEDED_FOR_SIP})`,
  async () => {
    const machine = new Machine();
    const table = tableOfCron(machine.root);
    const files: [string, string] = [machine.at('var/said'), machine.at('var/ran')];
    try {
      const jobs = await kamailioAndDetector(machine);
      const before = familyOf(machine.pid('kamailio'));
      for (const pid of before) process.kill(pid, 'SIGSTOP');
      const [path] = /^PATH=.*$/m.exec(machine.read('cron.d/sipwd')) ?? [];
      writeFileSync(table, `${path}\n* * * * * root ${recorded(jobs, ...files)}\n`);
      startCron();

      const { status, pid, said } = await firstJob(...files);
      expect({ status, said }).toEqual({ status: 0, said: expect.stringMatching(/has failed 3 times.*: started: /s) });
      await until('the job has ended', () => !isAlive(pid));
      await machine.answers('kamailio');
      expect(before.filter(isAlive)).toEqual([]);
    } finally {
      rmSync(table, { force: true });
      await machine.end();
    }
  },
  2 * TWO_MINUTES,
);

test.skipIf(!Fleet.canSail || !HAS_CRON || !MAY_TAKE_LONG)(
  `when a random tenth of a fleet fails in each of three minutes, cron and sipwd start each of those once (takes four minutes: needs ${NEEDED_FOR_FLEET}, cron, and ${NEEDS_TIME})`,
  async () => {
    const fleet = await Fleet.of(rounds(50, 200));
    expect(await runTable(fleet.table)).toMatchObject({ status: 0 });
    await complete(fleet, () => true);
    const { dir } = fleet.stranger.service;
    const [said, ran, table] = [`${dir}/said`, `${dir}/ran`, tableOfCron(dir)];
    const watch = recorded(`${PROGRAM} --table ${fleet.table}`, said, ran);
    const endOf = async (count: number) => {
      const job = await until('cron has run sipwd', () => jobsIn(ran)[count], TWO_MINUTES);
      expect(job.status, readFileSync(said, 'utf8')).toBe(0);
    };
    try {
      writeFileSync(table, `PATH=${dirname(process.execPath)}:/usr/sbin:/usr/bin:/bin\n* * * * * root ${watch}\n`);
      startCron();
      // What fails right after a pass is there before the next one.
      await endOf(0);
      expect(readFileSync(said, 'utf8')).toBe('');
      for (let minute = 0; minute < 3; minute++) {
        const count = jobsIn(ran).length;
        const before = fleet.states();
        const faults = await fleet.harm();
        await endOf(count);
        await expectRepaired(fleet, before, faults);
      }
    } finally {
      rmSync(table, { force: true });
    }
  },
  5 * TWO_MINUTES,
);
