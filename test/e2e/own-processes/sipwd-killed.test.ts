import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { messages } from '../../../src/log/messages.ts';
import { waitFor } from '../../support/caller.ts';
import { kill } from '../../support/family.ts';
import { lineOf } from '../../support/messages.ts';
import { isAlive, stateOf } from '../../support/process.ts';
import { type TestService, testService } from '../../support/service.ts';
import { QUIET, sipwd, startSipwd } from '../../support/sipwd.ts';
import { until } from '../../support/wait.ts';

const SOON = ['--start-timeout', '0.3'];

/** Its first call waits for the file `go`; it writes its PID down. */
function slowOnce(service: TestService): string {
  const [first, go] = [service.path('first'), service.path('go')];
  return `[ -e ${first} ] || { echo $$ >${first}; ${waitFor(go)}; }; ${service.command}`;
}

/** Kills sipwd as soon as its command runs, and sipwd itself waits for it; returns the PID of the command. */
async function killedDuring(service: TestService, args: readonly string[]): Promise<number> {
  const { child, run } = startSipwd(args, { stdout: 'ignore', stderr: 'ignore' });
  const first = service.path('first');
  const command = await until('the command runs', () => (existsSync(first) ? Number(readFileSync(first, 'utf8')) : 0));
  await until('sipwd waits', () => stateOf(child.pid ?? 0) === 'S');
  child.kill('SIGKILL');
  expect((await run).signal).toBe('SIGKILL');
  return command;
}

test('when sipwd is killed during the start command, the next runs start nothing while it runs: exit 75; afterwards the service is healthy', async () => {
  const service = testService();
  const args = service.args.with(3, slowOnce(service));
  const command = await killedDuring(service, args);
  for (let count = 0; count < 2; count++) {
    const run = await sipwd(args);
    expect(service.starts).toBe(0);
    expect(run.status).toBe(75);
    expect(run.said.at(-1)).toBe(lineOf(messages.stillStarting(command), service.name));
  }
  expect(isAlive(command)).toBe(true);

  service.write('go', '');
  await until('the command has exited', () => !isAlive(command));
  await until('the daemon runs', () => service.processes.length === 1);
  expect(await sipwd(args)).toMatchObject(QUIET);
  expect(service.starts).toBe(1);
  expect(service.processes).toEqual(service.pids);
});

test('when the command is killed as well, the next run starts the service', async () => {
  const service = testService();
  const args = service.args.with(3, slowOnce(service));
  const command = await killedDuring(service, args);
  expect((await sipwd(args)).status).toBe(75);
  await kill([command]);
  expect(await sipwd(args)).toMatchObject({ status: 0 });
  expect(service.starts).toBe(1);
  expect(service.processes).toEqual(service.pids);
});

test('when sipwd is killed while it waits for a slow service, the next run does not start it again: exit 3', async () => {
  const service = testService();
  const [first, go] = [service.path('first'), service.path('go')];
  const args = service.args.with(3, `( echo $$ >${first}; ${waitFor(go)}; ${service.command} ) >/dev/null 2>&1 &`);
  const command = await killedDuring(service, args);
  await until('the command has exited', () => !isAlive(command));
  const run = await sipwd([...SOON, ...args]);
  // A second start would write its own PID.
  expect(Number(readFileSync(first, 'utf8'))).toBe(command);
  expect(run.status).toBe(3);
  expect(run.events.at(-1)).toBe('notConfirmed');

  service.write('go', '');
  await until('the daemon runs', () => service.pids.length === 1 && service.processes.length === 1);
  expect(await sipwd(args)).toMatchObject(QUIET);
  expect(service.starts).toBe(1);
});
