import { execFileSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { kill } from './family.ts';
import { NO_PID } from './process.ts';
import type { TestService } from './service.ts';
import { sipwd } from './sipwd.ts';
import { type Fork, type Plan, Twin } from './twin.ts';

/** What happens to a service. */
export const EVENTS = {
  'the main process is killed': ({ main }: Twin) => kill([main]),
  'a worker is killed': ({ workers }: Twin) => kill(workers.slice(0, 1).map(({ pid }) => pid)),
  'the pidfile is removed': ({ crew }: Twin) => rmSync(crew.pidfile),
  'the pidfile is emptied': ({ crew }: Twin) => writeFileSync(crew.pidfile, ''),
  'the pidfile names a PID that does not exist': ({ crew }: Twin) => writeFileSync(crew.pidfile, `${NO_PID}\n`),
  nothing: () => undefined,
} as const;

export interface Step {
  /** what happens, and to which of the services; 'all': to each of them */
  readonly event: keyof typeof EVENTS;
  readonly to: number | 'all';
  /** what that service, or the first, forks before that; null: nothing */
  readonly late: Fork | null;
  /** whether the runs of sipwd for the services are simultaneous */
  readonly isTogether: boolean;
}

/** Easier to read in the message of a failure. */
const PLAIN = { noNullPrototype: true } as const;

const fork = fc.record<Fork>({ isDouble: fc.boolean(), isSetsid: fc.boolean(), isCleared: fc.boolean() }, PLAIN);

function planOf(...starts: readonly Plan['start'][]): fc.Arbitrary<Plan> {
  const forks = fc.array(fork, { maxLength: 3, size: 'max' });
  return fc.record({ start: fc.constantFrom(...starts), isLeader: fc.boolean(), forks }, PLAIN);
}

/** More often those of one script: only they carry the cookie of another service. */
const plans = fc
  .tuple(
    planOf('by sipwd', 'by sipwd', 'by hand'),
    fc.array(planOf('with the first', 'with the first', 'by sipwd', 'by hand'), {
      minLength: 1,
      maxLength: 3,
      size: 'max',
    }),
  )
  .map(([first, others]) => [first, ...others]);

const events = Object.keys(EVENTS) as (keyof typeof EVENTS)[];

const step = fc.record<Step>(
  {
    event: fc.constantFrom(...events, 'the main process is killed'),
    to: fc.constantFrom<Step['to']>(0, 0, 1, 2, 3, 'all'),
    late: fc.option(fork, { freq: 9 }),
    isTogether: fc.boolean(),
  },
  PLAIN,
);

/** Services, and what happens to them. */
export const forest = fc.tuple(plans, fc.array(step, { minLength: 1, maxLength: 3, size: 'max' }));

/** Starts services of one binary; sipwd has seen each of them healthy. */
export async function plant(plans: readonly Plan[], service: TestService): Promise<Twin[]> {
  const twins = plans.map((plan, index) => new Twin(service, `twin${index}`, plan));
  const joined = twins.filter(({ plan }, index) => index > 0 && plan.start === 'with the first');
  const starters = twins.filter((twin) => !joined.includes(twin));
  await Promise.all(
    starters.map(async ({ crew, plan }, index) => {
      const command = [crew, ...(index === 0 ? joined.map((twin) => twin.crew) : [])].map((each) => each.command);
      const script = command.join('; ');
      if (plan.start === 'by sipwd') {
        const run = await sipwd(crew.args.with(3, script));
        if (run.status !== 0) throw new Error(`not started: ${run.stderr}`);
      } else execFileSync('/bin/sh', ['-c', script], { stdio: 'ignore' });
    }),
  );
  for (const twin of twins) {
    await twin.begin();
    if (twin.plan.start !== 'by sipwd') await twin.crew.check();
  }
  return twins;
}
