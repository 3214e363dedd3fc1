import { lstatSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { execaSync } from 'execa';
import type { TestService } from '../support/service.ts';

export const FAULTS = ['text', 'too large', 'a FIFO', 'a link to itself'] as const;

export type Fault = (typeof FAULTS)[number];

const MOST_BYTES = 64 * 1024;

/** A pidfile that is not usable for a while. A start command may replace it at any moment. */
export class UnusablePidfile {
  constructor(private readonly service: TestService) {}

  get isUnusable(): boolean {
    const stats = lstatSync(this.service.pidfile, { throwIfNoEntry: false });
    if (stats === undefined) return false;
    return !stats.isFile() || stats.size > MOST_BYTES || /[^\d\s]/.test(readFileSync(this.service.pidfile, 'utf8'));
  }

  makeUnusable(by: Fault): void {
    const { service } = this;
    const made = service.path('unusable');
    if (by === 'text') writeFileSync(made, '12 monkeys\n');
    if (by === 'too large') writeFileSync(made, '\n'.repeat(MOST_BYTES + 1));
    if (by === 'a FIFO') execaSync('mkfifo', [made]);
    if (by === 'a link to itself') symlinkSync(service.pidfile, made);
    renameSync(made, service.pidfile);
  }

  /** Writes the PIDs again, unless the pidfile has become usable. */
  restore(pids: readonly number[]): void {
    if (!this.isUnusable) return;
    const { service } = this;
    renameSync(service.write('restored', pids.map((pid) => `${pid}\n`).join('')), service.pidfile);
  }
}
