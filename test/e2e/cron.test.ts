import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { expect, test } from 'vitest';
import { locate } from '../support/daemons.ts';
import { kill } from '../support/family.ts';
import { isAlive, start } from '../support/process.ts';
import { type TestService, testService } from '../support/service.ts';
import { PROGRAM, sipwd } from '../support/sipwd.ts';
import { until } from '../support/wait.ts';

/** cron reads its tables and runs its jobs when a minute begins. */
const TWO_MINUTES = 120_000;

const canRun = process.geteuid?.() === 0 && locate('cron') !== undefined;
const mayTakeLong = process.env.CI === 'true' || process.env.SIPWD_CRON === '1';

/** A job for each minute: what sipwd says goes to one file, its status and the PID of the job's cron to another. */
function job(service: TestService): string {
  const [runfile, binfile, pidfile, command] = service.args;
  const call = `${PROGRAM} ${runfile} ${binfile} ${pidfile} '${command}'`;
  return `* * * * * root ${call} >>${service.path('said')} 2>&1; echo $? $PPID >>${service.path('ran')}\n`;
}

/** The status and the PID of the first job; it has written all that it will. */
async function firstJob(service: TestService) {
  const ran = service.path('ran');
  await until('cron has run the job', () => existsSync(ran) && readFileSync(ran, 'utf8').includes('\n'), TWO_MINUTES);
  const [status, pid] = readFileSync(ran, 'utf8').split(/\s/).map(Number);
  return { status, pid: pid ?? 0, said: readFileSync(service.path('said'), 'utf8') };
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

test.skipIf(!canRun || !mayTakeLong)(
  'when a service was killed, cron brings it back for good; one that is well costs no line (takes a minute: needs root, cron, and CI=true or SIPWD_CRON=1)',
  async () => {
    const [well, killed] = [testService(), testService()];
    for (const service of [well, killed]) expect(await sipwd(service.args)).toMatchObject({ status: 0 });
    const before = well.pids;
    await kill(killed.pids);

    const table = `/etc/cron.d/sipwd-test-${basename(well.dir).replace(/\W/g, '-')}`;
    writeFileSync(table, `PATH=${dirname(process.execPath)}:/usr/bin:/bin\n${job(well)}${job(killed)}`);
    try {
      if (!isCronRunning()) start('cron', ['-f']);
      expect(await firstJob(well)).toMatchObject({ status: 0, said: '' });
      expect(well.pids).toEqual(before);

      const { status, pid, said } = await firstJob(killed);
      expect({ status, said }).toEqual({ status: 0, said: expect.stringContaining(`started ${killed.binfile}: PID `) });
      await until('the job is over', () => !isAlive(pid));
      expect(killed.pids.map(isAlive)).toEqual([true]);
    } finally {
      rmSync(table);
    }
  },
  2 * TWO_MINUTES,
);
