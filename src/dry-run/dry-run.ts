import { isatty } from 'node:tty';
import type { ExitStatus } from '../failure.ts';
import type { World } from '../look.ts';
import type { Service } from '../service.ts';
import type { Settings } from '../settings.ts';
import { print } from '../stdout.ts';
import { inspect } from './inspect.ts';
import { page } from './page.ts';

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
  const isColoured = isatty(1) && !world.environment.NO_COLOR;
  await print(form === 'json' ? `${JSON.stringify(found, null, 2)}\n` : page(found, isColoured));
  return found.plan.status;
}
