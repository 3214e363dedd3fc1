import { EXIT, type ExitStatus } from './failure.ts';
import { look, type World } from './look.ts';
import type { Service } from './service.ts';
import type { Settings } from './settings.ts';

/**
 * One pass over one service: the five steps, in their order. The runfile and the PIDs are looked at; if there is
 * something to do, a forced restart, the clean-up and the start follow, under the lock of the service.
 *
 * @throws Failure when it cannot be told whether the service runs, or is meant to
 */
export async function watch(service: Service, settings: Settings, world: World): Promise<ExitStatus> {
  const found = await look(service, settings, world);
  if (found === undefined) return EXIT.ok;
  if (found.forceFile.kind === 'ignored') {
    const log = await world.openLog();
    log.warn(`ignored the force-restart file ${service.forceRestartFile}: ${found.forceFile.why}`);
  }
  if (found.isInOrder) return EXIT.ok;
  const { repair } = await import('./repair.ts');
  return repair(service, settings, world, () => look(service, settings, world));
}
