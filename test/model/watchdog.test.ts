import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { explore, FUZZ_TIMEOUT } from '../support/fuzz.ts';
import { isAlive, stateOf } from '../support/process.ts';
import { type Run, startSipwd } from '../support/sipwd.ts';
import { until } from '../support/wait.ts';
import { type Step, story } from './events.ts';
import { World } from './world.ts';

const TIMES = ['--term-timeout', '0.2', '--abort-timeout', '0.2', '--start-timeout', '0.5'];

test(
  'whatever happens in whatever order, no other process is signalled, no second copy is started, and the service comes up',
  async () => {
    await explore(story, async ([kinds, steps]) => {
      const world = new World(kinds);
      try {
        for (const step of steps) await take(step, world);
        await comeUp(world);
      } finally {
        await world.end();
      }
    });
  },
  FUZZ_TIMEOUT,
);

async function take(step: Step, world: World): Promise<void> {
  for (const change of step.before) await world.make(change, false);
  const { isEnabled, isHealthy, isUnusable, isOrdered, isUnsteady, generation } = world;

  const ran = Array.from({ length: step.runs }, () => startSipwd([...TIMES, ...world.args]));
  const all = Promise.all(ran.map(({ run }) => run));
  let isOver = false;
  all.then(() => {
    isOver = true;
  });
  const start = performance.now();
  const at = (ms: number) => until(`${ms} ms have passed`, () => isOver || performance.now() > start + ms);
  const happen = async (ms: number, event: () => Promise<void>) => {
    await at(ms);
    await event();
  };
  const [first] = ran;
  await Promise.all([
    ...step.during.map(([ms, change]) => happen(ms, () => world.make(change, true))),
    ...(step.killed === undefined || first === undefined ? [] : [happen(step.killed, () => killWithWork(first))]),
  ]);
  const runs = await all;

  expect(world.wrongs).toEqual([]);
  for (const run of runs) expectDocumented(run, step, isUnsteady || world.isUnsteady);
  const isCalm = step.during.length === 0 && step.killed === undefined && !isUnsteady;
  if (isCalm) {
    const isDue = isEnabled && !isUnusable && (isOrdered || !isHealthy);
    expect(world.generation).toBe(generation + (isDue ? 1 : 0));
    if (isDue) expect(world.isHealthy).toBe(true);
    else expect(world.isHealthy).toBe(isHealthy);
    if (!isDue && !(isEnabled && isUnusable)) expect(runs.map(({ stderr }) => stderr).join('')).toBe('');
  }
  world.restore();
}

/** The exit status must be one that the step allows; with one other than 0, the run logs why. */
function expectDocumented(run: Run, step: Step, isUnsteady: boolean): void {
  const { status, said } = run;
  const isUnusable = [...step.before, ...step.during.map(([, change]) => change)].some(
    ({ kind }) => kind === 'the pidfile becomes unusable',
  );
  const isDisturbed = step.during.length > 0 || isUnsteady;
  const allowed = [
    0,
    ...(isUnusable ? [2] : []),
    ...(isDisturbed ? [3] : []),
    ...(step.runs > 1 ? [75] : []),
    ...(step.killed === undefined ? [] : [undefined]),
  ];
  expect(allowed).toContain(status);
  if (status !== 0 && status !== undefined) expect(said).not.toEqual([]);
}

/** With nothing in the way, one run starts the service, and the next one does nothing. */
async function comeUp(world: World): Promise<void> {
  await world.make({ kind: 'the runfile is created' }, false);
  await world.make({ kind: 'the force-restart file is created' }, false);
  await world.make({ kind: 'the next start gives', kinds: ['plain', 'plain'] }, false);
  const { generation } = world;
  const last = await startSipwd([...TIMES, ...world.args]).run;
  expect(last).toMatchObject({ status: 0 });
  expect(world.isHealthy).toBe(true);
  const quiet = await startSipwd([...TIMES, ...world.args]).run;
  expect(quiet).toMatchObject({ status: 0, stderr: '' });
  expect(world.generation).toBe(generation + 1);
  expect(world.wrongs).toEqual([]);
}

/** Kills sipwd, and waits until its children have exited: the kernel releases the lock as soon as sipwd is killed. */
async function killWithWork({ child }: ReturnType<typeof startSipwd>): Promise<void> {
  const { pid } = child;
  if (pid === undefined || !child.kill('SIGSTOP')) return;
  await until(`${pid} is stopped`, () => !isAlive(pid) || stateOf(pid) === 'T');
  const children = isAlive(pid) ? childrenOf(pid) : [];
  child.kill('SIGKILL');
  await until(`the children of ${pid} have exited`, () => !children.some(isAlive));
}

function childrenOf(pid: number): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
}
