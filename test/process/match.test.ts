import { describe, expect, test } from 'vitest';
import { Binary } from '../../src/files/binary.ts';
import { quickVerdictOn } from '../../src/process/match.ts';
import { Procfs } from '../../src/process/procfs.ts';
import type { Reading } from '../../src/process/reader.ts';
import type { ProcessStat } from '../../src/process/stat.ts';
import { Altered, UNREADABLE } from '../support/altered.ts';
import { exeOf, start, startSleeper, startTimeOf } from '../support/process.ts';
import { testService } from '../support/service.ts';
import { until } from '../support/wait.ts';

/** A /proc in which the PID of one process is given to another process of the service after the first read. */
class Recycling extends Procfs {
  #reads = 0;

  constructor(
    private readonly first: number,
    private readonly second: number,
  ) {
    super();
  }

  override stat(): Reading<ProcessStat> {
    return super.stat(this.#next());
  }

  override exe(): Reading<string> {
    return super.exe(String(this.#next()));
  }

  #next(): number {
    return this.#reads++ === 0 ? this.first : this.second;
  }
}

test('when a PID is recycled while it is examined, the start time is that of the later process', async () => {
  const service = testService();
  const first = await startSleeper(service.binfile);
  // The clock of start times has 100 ticks a second.
  let second = first;
  while (startTimeOf(second) === startTimeOf(first)) second = await startSleeper(service.binfile);
  const verdict = quickVerdictOn(first, new Binary(service.binfile, undefined), new Recycling(first, second));
  expect(verdict).toMatchObject({ kind: 'running', startTime: Number(startTimeOf(second)) });
});

describe('a process whose binary cannot be read', () => {
  test.each([
    ['has letters of two bytes', 'größe'],
    ['is cut in the middle of a letter', 'fünfzehn-bytesß'],
    ['is longer than comm', 'a-name-of-many-bytes'],
  ])('when its name %s, it still matches by comm', async (_, name) => {
    const service = testService();
    const binfile = service.copy('/bin/sleep', name);
    const { pid } = start(binfile, ['1000']);
    await until('it runs', () => exeOf(pid) === binfile);
    const proc = new Altered(pid, UNREADABLE);
    expect(quickVerdictOn(pid, new Binary(binfile, undefined), proc)).toMatchObject({ kind: 'running' });
    const other = new Binary(service.path(`${name.slice(0, 3)}x`), undefined);
    expect(quickVerdictOn(pid, other, proc)).toMatchObject({ kind: 'unknown' });
  });
});
