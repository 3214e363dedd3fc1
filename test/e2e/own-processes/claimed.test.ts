import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { messages } from '../../../src/log/messages.ts';
import { because } from '../../../src/log/reasons.ts';
import { lineOf } from '../../support/messages.ts';
import { isAlive, NO_PID, start, startSleeper } from '../../support/process.ts';
import { testService } from '../../support/service.ts';
import { QUIET, sipwd } from '../../support/sipwd.ts';

test.each([
  ['one of its PIDs does not exist', [NO_PID], ''],
  ['a forced restart is ordered', [], 'svc.force'],
])(
  'when the snapshot of another service names a process of the pidfile, and %s: exit 4, nothing is done',
  async (_, others, order) => {
    const service = testService();
    const pid = await startSleeper(service.binfile);
    service.writePids(pid);
    expect(await sipwd(service.args)).toMatchObject(QUIET);
    // The snapshot under the old name stays.
    const renamed = service.path('renamed.pid');
    renameSync(service.pidfile, renamed);
    writeFileSync(renamed, [pid, ...others].join('\n'));
    if (order !== '') service.write(order, '');
    const run = await sipwd(service.args.with(2, renamed));
    expect(run.status).toBe(4);
    expect(run.said.at(-1)).toBe(lineOf(messages.claimed([pid]), service.name));
    expect(run.linesOf('sent')).toEqual([]);
    expect([isAlive(pid), service.starts]).toEqual([true, 0]);
  },
);

test('when a process of the pidfile exits while the others are looked for, the service is started: exit 0', async () => {
  const service = testService();
  expect(await sipwd(service.args)).toMatchObject({ status: 0 });
  const [pid = 0] = service.pids;
  service.writePids(pid, NO_PID);
  // sipwd looks for the cookie of that start.
  service.write('grep', `#!/bin/sh\nkill -9 ${pid} 2>/dev/null\nexec /bin/grep "$@"\n`, 0o755);
  const run = await sipwd(service.args, { env: { PATH: `${service.dir}:${process.env.PATH}` } });
  expect(run).toMatchObject({ status: 0, events: ['down', 'starting', 'started'] });
  expect([isAlive(pid), service.starts]).toEqual([false, 2]);
});

test('when a process of the pidfile becomes the service just before the start, nothing is started: exit 4', async () => {
  const service = testService();
  for (const expected of [{ status: 0 }, QUIET]) expect(await sipwd(service.args)).toMatchObject(expected);
  for (const pid of service.pids) process.kill(pid, 'SIGKILL');
  const [go, calls] = [service.path('go'), service.path('calls')];
  const wait = `until [ -e ${go} ]; do sleep 0.01; done; exec ${service.binfile} 1000`;
  const { pid } = start('/bin/sh', ['-c', wait]);
  service.writePids(pid, NO_PID);
  // sipwd looks for the cookie of that start three times; after the third time, it checks the pidfile once more.
  const grep = `#!/bin/sh
    echo >>${calls}
    if [ $(wc -l <${calls}) = 3 ]; then : >${go}; until [ $(readlink /proc/${pid}/exe) = ${service.binfile} ]; do :; done; fi
    exec /bin/grep "$@"\n`;
  service.write('grep', grep, 0o755);
  const run = await sipwd(service.args, { env: { PATH: `${service.dir}:${process.env.PATH}` } });
  expect(run.status).toBe(4);
  expect(run.said.at(-1)).toBe(lineOf(messages.notStopped(`PID ${pid} ${because.appeared()}`), service.name));
  expect(readFileSync(calls, 'utf8')).toBe('\n'.repeat(3));
  expect([isAlive(pid), service.starts]).toEqual([true, 1]);
});
