import { start } from './process.ts';
import type { TestService } from './service.ts';
import { until } from './wait.ts';

/** Starts many daemons of a service, all of them in its pidfile. */
export async function startMany(service: TestService, count: number): Promise<number[]> {
  const pids = Array.from({ length: count }, () => start(service.binfile, ['1000']).pid);
  await until('all of them run', () => service.processes.length === count);
  service.writePids(...pids);
  return pids;
}
