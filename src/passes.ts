import pLimit, { type LimitFunction } from 'p-limit';
import { afterEvent } from './after.ts';
import type { Service } from './args/service.ts';
import type { Settings } from './args/settings.ts';
import { EXIT, type ExitStatus } from './exit.ts';
import type { Journal } from './log/log.ts';
import type { TableMetrics } from './metrics.ts';
import { pass } from './pass.ts';
import { compileEarly } from './process/jit.ts';
import type { Context, Turn } from './service/context.ts';
import { newTrail } from './service/trail.ts';
import { readEntries, SERVICES_AT_ONCE, sayBad, sharedContext, statusOfAll } from './table.ts';

/** A check seldom waits; those that do must not hold the memory of ten thousand. */
const CHECKS_AT_ONCE = 256;

/** From some such number of services on, to compile the program takes less time than it saves. */
const MANY = 500;

/** When a disk fails, a thousand services have something to say. */
const HOOKS_AT_ONCE = 64;

/**
 * One pass over each service of a table: all are checked, and those that need it are repaired, at most 16 at a time.
 *
 * @returns 0 if all are 0, else the status of the first bad line or service in the order of the table
 * @throws Exit (usage) when the table cannot be read, or is not trusted
 */
export async function passes(table: string, defaults: Settings, journal: Journal): Promise<ExitStatus> {
  const entries = await readEntries(table, defaults);
  if (entries.length > MANY) compileEarly();
  const context = sharedContext();
  const services = entries.flatMap((entry) => (entry.kind === 'service' ? [entry.service] : []));
  const metrics = await metricsFor(table, services, context, journal);
  const repairs = pLimit(SERVICES_AT_ONCE);
  const hooks = pLimit(HOOKS_AT_ONCE);
  const passOver = async (service: Service, checkNext: () => void): Promise<ExitStatus> => {
    const trail = newTrail();
    const turn = turnAmong(repairs, () => {
      metrics?.note(service, trail, undefined);
      checkNext();
    });
    const all = { ...context, log: journal.about(service.name), turn };
    const outcome = await pass(service, all, trail);
    metrics?.note(service, trail, outcome.status);
    checkNext();
    if (service.settings.onEvent !== undefined) await hooks(() => afterEvent(outcome, all));
    return outcome.status;
  };
  const statuses = entries.map((entry): ExitStatus | Promise<ExitStatus> =>
    entry.kind === 'bad' ? sayBad(entry, table, journal) : EXIT.ok,
  );
  const left = entries.entries();
  const checkOneByOne = async () => {
    for (const [place, entry] of left) {
      if (entry.kind === 'bad') continue;
      await new Promise<void>((checkNext) => {
        statuses[place] = passOver(entry.service, checkNext);
      });
    }
  };
  await Promise.all(Array.from({ length: CHECKS_AT_ONCE }, checkOneByOne));
  return statusOfAll(await Promise.all(statuses));
}

/** @param onQueued called when a repair begins to wait for its turn */
function turnAmong(repairs: LimitFunction, onQueued: () => void): Turn {
  let end: () => void = () => undefined;
  const begin = () =>
    new Promise<void>((resolve) => {
      onQueued();
      repairs(
        () =>
          new Promise<void>((over) => {
            end = over;
            resolve();
          }),
      );
    });
  return { begin, end: () => end() };
}

async function metricsFor(
  table: string,
  services: readonly Service[],
  context: Pick<Context, 'proc' | 'directories'>,
  journal: Journal,
): Promise<TableMetrics | undefined> {
  if (services.every(({ settings }) => settings.metricsDir === undefined)) return undefined;
  const { TableMetrics: Metrics } = await import('./metrics.ts');
  return new Metrics(table, services, context, journal.about());
}
