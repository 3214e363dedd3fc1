import { copyFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { quoted } from '../support/caller.ts';
import { isAlive, start } from '../support/process.ts';
import { testService } from '../support/service.ts';
import { PROGRAM, sipwd } from '../support/sipwd.ts';
import { until } from '../support/wait.ts';

test('when sipwd is run by a worker that has outlived its main process, as a job of cron, it does not end that', async () => {
  const service = testService();
  // The main process and the worker that is sipwd's parent are shells, the other worker sleeps; all have one name.
  mkdirSync(service.path('shells'));
  const shell = service.path(`shells/${service.name}`);
  copyFileSync('/bin/sh', shell);
  const job = service.path('job');
  const args = service.args.map(quoted).join(' ');
  const wait = `until [ -e ${service.path('go')} ]; do sleep 0.01; done`;
  service.write(
    'job',
    `${wait}; ${quoted(PROGRAM)} ${args} 2>${service.path('said')}; echo $? >${service.path('status')}; exec ${service.binfile} 1000`,
  );
  const script = `${shell} ${job} & echo $! >${service.path('worker')}; ${service.binfile} 1000 & echo $! >${service.path('other')}; wait`;
  const main = start(shell, ['-c', script]).pid;
  service.writePids(main);
  const pidIn = (name: string) => Number(readFileSync(service.path(name), 'utf8'));
  await until('the workers are there', () => existsSync(service.path('other')) && pidIn('other') > 0);
  await until('they run', () => isAlive(pidIn('other')) && isAlive(pidIn('worker')));
  await until('it is seen with them', async () => {
    await sipwd(service.args);
    return (await sipwd(['-n', '--json', ...service.args])).stdout.includes(`"pid": ${pidIn('other')}`);
  });
  process.kill(main, 'SIGKILL');
  await until('it has ended', () => !isAlive(main));

  service.write('go', '');
  await until(
    'sipwd has ended',
    () => existsSync(service.path('status')) && readFileSync(service.path('status'), 'utf8') !== '',
  );
  expect(readFileSync(service.path('said'), 'utf8')).toContain(`to PID ${pidIn('other')} `);
  expect(readFileSync(service.path('status'), 'utf8')).toBe('0\n');
  expect({ worker: isAlive(pidIn('worker')), other: isAlive(pidIn('other')) }).toEqual({ worker: true, other: false });
});
