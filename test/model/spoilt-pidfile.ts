import { lstatSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { execaSync } from 'execa';
import type { TestService } from '../support/service.ts';

export const SPOILS = ['text', 'too large', 'a FIFO', 'a link to itself'] as const;

export type Spoil = (typeof SPOILS)[number];

const MOST_BYTES = 64 * 1024;

/** A pidfile that is no use for a while; a start command may replace it at any moment. */
export class SpoiltPidfile {
  constructor(private readonly service: TestService) {}

  get isSpoilt(): boolean {
    const stats = lstatSync(this.service.pidfile, { throwIfNoEntry: false });
    if (stats === undefined) return false;
    return !stats.isFile() || stats.size > MOST_BYTES || /[^\d\s]/.test(readFileSync(this.service.pidfile, 'utf8'));
  }

  spoil(by: Spoil): void {
    const { service } = this;
    const made = service.path('spoilt');
    if (by === 'text') writeFileSync(made, '12 monkeys\n');
    if (by === 'too large') writeFileSync(made, '\n'.repeat(MOST_BYTES + 1));
    if (by === 'a FIFO') execaSync('mkfifo', [made]);
    if (by === 'a link to itself') symlinkSync(service.pidfile, made);
    renameSync(made, service.pidfile);
  }

  /** Puts the PIDs back, unless there is a good pidfile by now. */
  mend(pids: readonly number[]): void {
    if (!this.isSpoilt) return;
    const { service } = this;
    renameSync(service.write('mended', pids.map((pid) => `${pid}\n`).join('')), service.pidfile);
  }
}
