import { lstatSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { execaSync } from 'execa';
import type { TestService } from '../support/service.ts';

export const SPOILS = ['text', 'too large', 'a FIFO', 'a link to itself'] as const;

export type Spoil = (typeof SPOILS)[number];

/** A pidfile that is no use for a while; a start command may replace it at any moment. */
export class SpoiltPidfile {
  #inode: bigint | undefined;

  constructor(private readonly service: TestService) {}

  get isSpoilt(): boolean {
    const stats = lstatSync(this.service.pidfile, { bigint: true, throwIfNoEntry: false });
    return stats !== undefined && stats.ino === this.#inode;
  }

  spoil(by: Spoil): void {
    const { service } = this;
    const made = service.path('spoilt');
    if (by === 'text') writeFileSync(made, '12 monkeys\n');
    if (by === 'too large') writeFileSync(made, '\n'.repeat(70_000));
    if (by === 'a FIFO') execaSync('mkfifo', [made]);
    if (by === 'a link to itself') symlinkSync(service.pidfile, made);
    this.#inode = lstatSync(made, { bigint: true }).ino;
    renameSync(made, service.pidfile);
  }

  /** Puts the PIDs back, unless there is a good pidfile by now. */
  mend(pids: readonly number[]): void {
    if (!this.isSpoilt) return;
    const { service } = this;
    renameSync(service.write('mended', pids.map((pid) => `${pid}\n`).join('')), service.pidfile);
    this.#inode = undefined;
  }
}
