import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { NO_PID, start, startZombie } from '../../support/process.ts';
import { type TestService, testService } from '../../support/service.ts';
import { sipwd } from '../../support/sipwd.ts';

/** A daemon that takes any process with a PID of its pidfile for itself; the pidfile that it found is kept. */
function carefulCommand(service: TestService): string {
  const { command, pidfile } = service;
  const isThere = `for pid in $(cat ${pidfile}); do ! kill -0 $pid || exit 1; done`;
  return `if [ -e ${pidfile} ]; then cp ${pidfile} ${service.path('found')}; ${isThere}; fi; ${command}`;
}

describe('before the start', () => {
  test.each([
    ['the PID of a zombie', []],
    ['the PIDs of a zombie and of no process', [NO_PID]],
  ])('when the pidfile holds %s, it is removed, so that the daemon starts', async (_, others) => {
    const service = testService();
    service.writePids(await startZombie(service.binfile), ...others);
    const run = await sipwd(service.args.with(3, carefulCommand(service)));
    expect(existsSync(service.path('found'))).toBe(false);
    expect(run.status).toBe(0);
    expect(run.events).toEqual(['down', 'starting', 'started']);
    expect(run.linesOf('pidfileRemoved')).toHaveLength(1);
    expect(service.processes).toEqual(service.pids);
  });

  test('when a PID in it runs another program, it is not removed; when that one is gone from it, it is', async () => {
    const service = testService();
    const args = service.args.with(3, carefulCommand(service));
    const [zombie, other] = [await startZombie(service.binfile), start('/bin/sleep', ['1000']).pid];
    service.writePids(zombie, other);
    const refused = await sipwd(args);
    expect(refused.status).toBe(3);
    expect(readFileSync(service.path('found'), 'utf8')).toBe(`${zombie}\n${other}\n`);
    expect(service.pids).toEqual([zombie, other]);
    expect(service.starts).toBe(0);

    service.writePids(zombie);
    expect(await sipwd(args)).toMatchObject({ status: 0 });
    expect(service.processes).toEqual(service.pids);
  });
});
