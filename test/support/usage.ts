import { expect } from 'vitest';
import { EXIT, Exit } from '../../src/exit.ts';
import { thrownBy } from './rights.ts';

/** The positional arguments of a service without a force-restart file. */
export const FOUR = ['/run/svc.runs', '/usr/sbin/svc', '/run/svc.pid', 'svc start'] as const;

/** The message of the usage error that a call throws, without the hint at its end. */
export function usageError(call: () => unknown): string {
  const error = thrownBy(call);
  if (!(error instanceof Exit)) throw error;
  expect(error.status).toBe(EXIT.usage);
  expect(error.message).toMatch(/; see sipwd --help$/);
  return error.message.replace('; see sipwd --help', '');
}
