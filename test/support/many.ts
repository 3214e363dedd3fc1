import { start } from './process.ts';
import type { TestService } from './service.ts';
import { until } from './wait.ts';

/** Starts many daemons of a service, and writes all of them into its pidfile. */
export async function startMany(service: TestService, count: number): Promise<number[]> {
  const pids = Array.from({ length: count }, () => start(service.binfile, ['1000']).pid);
  await until('all daemons run', () => service.processes.length === count);
  service.writePids(...pids);
  return pids;
}
