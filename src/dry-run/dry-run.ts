import { writeSync } from 'node:fs';
import { isatty } from 'node:tty';
import { EXIT, type ExitStatus, errnoOf, Failure, reasonOf } from '../failure.ts';
import type { World } from '../look.ts';
import { sleep } from '../process/sleep.ts';
import type { Service } from '../service.ts';
import type { Settings } from '../settings.ts';
import { inspect } from './inspect.ts';
import { page } from './page.ts';

const STDOUT = 1;

/** A reader that is slow, of a pipe that does not block. */
const RETRY_MS = 10;

/**
 * Says on stdout what was found of a service and what a run would do; changes nothing.
 *
 * @param form for a person or for a program
 * @throws Failure as a run does when it cannot tell, and when stdout cannot be written
 */
export async function dryRun(
  service: Service,
  settings: Settings,
  world: World,
  form: 'page' | 'json',
): Promise<ExitStatus> {
  const found = await inspect(service, settings, world);
  const isColoured = isatty(STDOUT) && !world.environment.NO_COLOR;
  await print(form === 'json' ? `${JSON.stringify(found, null, 2)}\n` : page(found, isColoured));
  return found.plan.status;
}

/** To the descriptor, not through the streams of the runtime: they make it non-blocking for the caller, too. */
async function print(text: string): Promise<void> {
  let rest = Buffer.from(text);
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(STDOUT, rest));
    } catch (error) {
      const problem = `cannot write to standard output: ${reasonOf(error)}; nothing was done`;
      if (errnoOf(error) !== 'EAGAIN') throw new Failure(EXIT.cannotTell, problem, error);
      await sleep(RETRY_MS);
    }
  }
}
