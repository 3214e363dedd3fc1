import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { quoted } from '../../support/caller.ts';
import { Crew, WORKER } from '../../support/crew.ts';
import { leftOver } from '../../support/messages.ts';
import { isAlive } from '../../support/process.ts';
import { PROGRAM } from '../../support/sipwd.ts';
import { until } from '../../support/wait.ts';

test('when an orphan runs sipwd, as a job of cron does, the orphan is not signalled', async () => {
  const crew = new Crew([WORKER.plain]);
  const { service } = crew;
  await crew.start();
  const [plain = 0] = crew.workers;

  // A worker that is a shell: it runs sipwd, and then goes on.
  const contentOf = (name: string) => (existsSync(service.path(name)) ? readFileSync(service.path(name), 'utf8') : '');
  const wait = `until [ -e ${service.path('go')} ]; do sleep 0.01; done`;
  const call = [PROGRAM, ...crew.args].map(quoted).join(' ');
  const job = `${wait}; ${call} 2>${service.path('log')}; echo $? >${service.path('status')}; exec ${crew.worker} 1000`;
  crew.tell(`${service.binfile} ${service.write('job', job)} & echo $! >${service.path('worker')}`);
  const worker = await until('the other worker runs', () => Number(contentOf('worker')));
  await crew.check();
  await crew.killMain();

  service.write('go', '');
  expect(await until('sipwd has exited', () => contentOf('status'))).toBe('0\n');
  expect(contentOf('log')).toContain(leftOver([plain]).text);
  expect({ worker: isAlive(worker), plain: isAlive(plain) }).toEqual({ worker: true, plain: false });
});
