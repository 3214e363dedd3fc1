import { rmSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { Crew, WORKER } from '../../support/crew.ts';
import { kill } from '../../support/family.ts';
import { isAlive, statField } from '../../support/process.ts';
import { QUIET, sipwd } from '../../support/sipwd.ts';

const LINES = [WORKER.plain, WORKER.grandchild];

/** Two services of one binary, started by one script, in one session and process group; both were healthy. */
async function twins(): Promise<[Crew, Crew]> {
  const one = new Crew(LINES);
  const two = new Crew(LINES, one.service, 'two');
  expect(await sipwd(one.args.with(3, `${one.command}; ${two.command}`))).toMatchObject({ status: 0 });
  for (const crew of [one, two]) {
    await crew.complete();
    await crew.check();
  }
  for (const field of [5, 6]) expect(statField(one.main, field)).toBe(statField(two.main, field));
  return [one, two];
}

const all = ({ main, workers }: Crew) => [main, ...workers];

/** What is killed before the pidfile is lost. */
const VICTIMS: readonly ((crew: Crew) => readonly number[])[] = [
  ({ main }) => [main],
  ({ workers }) => workers.slice(0, 1),
  all,
  () => [],
];

describe('two services of one binary, started from one script', () => {
  test('when one loses any of its processes and its pidfile, all that is left of it is stopped, and nothing of the other is', async () => {
    const [one, two] = await twins();
    for (const victimsOf of VICTIMS) {
      for (const [down, other] of [[one, two] as const, [two, one] as const]) {
        const [own, others] = [all(down), all(other)];
        await kill(victimsOf(down));
        rmSync(down.pidfile);
        expect(await sipwd(down.args)).toMatchObject({ status: 0 });
        expect(own.filter(isAlive)).toEqual([]);
        await down.complete();
        expect(down.mains).toEqual([down.main]);
        expect(all(other)).toEqual(others);
        expect(others.filter(isAlive)).toEqual(others);
        expect(await sipwd(other.args)).toMatchObject(QUIET);
      }
    }
  }, 120_000);

  test('when both lose their pidfiles, one after the other, one copy of each runs', async () => {
    const [one, two] = await twins();
    const before = [...all(one), ...all(two)];
    for (const crew of [two, one]) writeFileSync(crew.pidfile, '');
    for (const crew of [two, one]) expect(await sipwd(crew.args)).toMatchObject({ status: 0 });
    expect(before.filter(isAlive)).toEqual([]);
    for (const crew of [one, two]) {
      await crew.complete();
      expect(crew.mains).toEqual([crew.main]);
    }
  });

  test('when the second was healthy and the first was not checked since the start, the orphans of the second are stopped', async () => {
    const one = new Crew(LINES);
    const two = new Crew(LINES, one.service, 'two');
    expect(await sipwd(one.args.with(3, `${one.command}; ${two.command}`))).toMatchObject({ status: 0 });
    for (const crew of [one, two]) await crew.complete();
    await two.check();
    const [others, orphans] = [all(one), two.workers];
    rmSync(two.pidfile);
    expect(await sipwd(two.args)).toMatchObject({ status: 0 });
    expect(orphans.filter(isAlive)).toEqual([]);
    await two.complete();
    expect(two.mains).toEqual([two.main]);
    expect(others.filter(isAlive)).toEqual(others);
  });

  test.each([
    ['the start itself', []],
    ['a later check', ['--start-timeout', '0']],
  ])(
    'when %s confirms the start, and the first is down before the second was ever checked, nothing of the second is signalled',
    async (_, options) => {
      const one = new Crew(LINES);
      const two = new Crew(LINES, one.service, 'two');
      const start = one.args.with(3, `${one.command}; ${two.command}`);
      expect(await sipwd([...options, ...start])).toMatchObject({ status: 0 });
      for (const crew of [one, two]) await crew.complete();
      expect(await sipwd(one.args)).toMatchObject(QUIET);
      const [orphans, others] = [one.workers, all(two)];
      await one.killMain();
      expect(await sipwd(one.args)).toMatchObject({ status: 0 });
      expect(orphans.filter(isAlive)).toEqual([]);
      expect(others.filter(isAlive)).toEqual(others);
    },
  );
});
