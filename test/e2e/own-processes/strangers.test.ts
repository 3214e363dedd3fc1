import { appendFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { kill } from '../../support/family.ts';
import { sent, TERM } from '../../support/messages.ts';
import { isAlive } from '../../support/process.ts';
import { testService } from '../../support/service.ts';
import { QUIET, sipwd } from '../../support/sipwd.ts';

/** A service whose start command has started another daemon of the same binary, in a session of its own. */
async function withStranger() {
  const service = testService();
  const another = `setsid ${service.binfile} 1000 </dev/null >/dev/null 2>&1 &`;
  const args = service.args.with(3, `if [ ! -e ${service.pidfile} ]; then ${another} fi; ${service.command}`);
  expect(await sipwd(args)).toMatchObject({ status: 0 });
  const [main = 0] = service.pids;
  const [stranger = 0] = service.processes.filter((pid) => pid !== main);
  return { service, args, main, stranger };
}

test('when the main process is down, a stranger is not touched, and a warning says so', async () => {
  const { service, args, main, stranger } = await withStranger();
  await kill([main]);
  const run = await sipwd(args);
  expect(run).toMatchObject({ status: 0, events: ['down', 'leftAlone', 'starting', 'started'] });
  expect([isAlive(stranger), service.pids.includes(stranger)]).toEqual([true, false]);
});

test.each([
  ['a check', true],
  ['no check', false],
])(
  'when the pidfile has named a stranger since, and %s has seen it, it is a main process, and is stopped with the service',
  async (_, isChecked) => {
    const { service, args, main, stranger } = await withStranger();
    appendFileSync(service.pidfile, `${stranger}\n`);
    if (isChecked) expect(await sipwd(args)).toMatchObject(QUIET);
    await kill([main]);
    const run = await sipwd(args);
    expect(run).toMatchObject({ status: 0, events: ['down', 'sent', 'starting', 'started'] });
    expect(run.linesOf('sent')).toEqual(sent(TERM, service, [stranger]));
    expect(isAlive(stranger)).toBe(false);
  },
);
