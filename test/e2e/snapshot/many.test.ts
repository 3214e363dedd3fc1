import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { messages } from '../../../src/log/messages.ts';
import { because } from '../../../src/log/reasons.ts';
import { Crew, snapshotOf, WORKER } from '../../support/crew.ts';
import { startMany } from '../../support/many.ts';
import { ABRT, lineOf, sent } from '../../support/messages.ts';
import { commOf, exeOf, isAlive, start } from '../../support/process.ts';
import { testService } from '../../support/service.ts';
import { sipwd } from '../../support/sipwd.ts';
import { until } from '../../support/wait.ts';

const MANY = 40;

/** A main process, with others of its binary in its pidfile; all were healthy before. */
async function manyMains() {
  const crew = new Crew([]);
  await crew.start();
  const { main, pidfile, service } = crew;
  const shell = () => start(service.binfile, ['-s'], { stdio: ['pipe', 'ignore', 'ignore'] }).pid;
  const mains = [main, ...Array.from({ length: MANY - 1 }, shell)];
  await until('all of them run', () => service.processes.length === MANY);
  writeFileSync(pidfile, mains.join('\n'));
  await crew.check();
  return { crew, service, mains };
}

describe('many processes that were healthy a moment ago', () => {
  test('when a worker was forked, it is stored', async () => {
    const { crew } = await manyMains();
    crew.tell(WORKER.plain);
    await crew.complete(1);
    await crew.check();
    expect(JSON.parse(readFileSync(snapshotOf(crew), 'utf8'))).toMatchObject({
      workers: crew.workers.map((pid) => ({ pid })),
    });
  });

  test('when one now runs another program, the service is down', async () => {
    const {
      crew,
      service,
      mains: [main = 0],
    } = await manyMains();
    crew.tell(`exec ${service.copy('/bin/sleep', 'other')} 1000`);
    await until('it runs the other program', () => commOf(main) === 'other');
    const run = await sipwd(['--exit-if-down', ...crew.args]);
    expect(run.status).toBe(1);
    const reason = because.otherBinary(exeOf(main) ?? '', service.binfile);
    expect(run.said[0]).toBe(lineOf(messages.down(`PID ${main} ${reason}`), service.name));
  });

  test('when a forced restart is ordered, new workers are stopped as well', async () => {
    const { crew, service, mains } = await manyMains();
    crew.tell(WORKER.plain);
    await crew.complete(1);
    const { workers } = crew;
    writeFileSync(service.forceFile, '');
    const run = await sipwd(crew.args);
    expect(run.status).toBe(0);
    expect(run.said).toEqual(expect.arrayContaining(sent(ABRT, service, mains)));
    expect([...mains, ...workers].filter(isAlive)).toEqual([]);
  });

  test('when an upgrade has replaced their binary, the service is healthy', async () => {
    const service = testService();
    await startMany(service, MANY);
    expect(await sipwd(service.args)).toMatchObject({ status: 0, stderr: '' });
    rmSync(service.binfile);
    service.copy('/bin/sleep', service.name);
    expect(await sipwd(service.args)).toMatchObject({ status: 0, stderr: '' });
  });

  test('when <binfile> now names another program, the service is down', async () => {
    const { crew, service } = await manyMains();
    const run = await sipwd(['--exit-if-down', ...crew.args.with(1, '/bin/sleep')]);
    expect(run.status).toBe(1);
    expect(run.events).toEqual(['down', 'startNeeded']);
    expect(service.processes).toHaveLength(MANY);
  });
});
