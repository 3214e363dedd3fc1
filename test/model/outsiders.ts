import { isAlive, start, startTimeOf } from '../support/process.ts';
import type { TestService } from '../support/service.ts';

/** Two processes that do not belong to the service. Any signal of sipwd would kill them. */
export class Outsiders {
  /** of another binary; the pidfile may name it */
  readonly other = start('/bin/sleep', ['1000']).pid;
  /** of the same binary; no pidfile names it */
  readonly #twin: number;
  readonly #startTimes: ReadonlyMap<number, string>;

  constructor({ binfile }: TestService) {
    this.#twin = start(binfile, ['1000']).pid;
    this.#startTimes = new Map([this.other, this.#twin].map((pid) => [pid, startTimeOf(pid)]));
  }

  /** Those that no longer exist, or whose PID was recycled. */
  get killed(): string[] {
    const dead = [...this.#startTimes].filter(([pid, time]) => !isAlive(pid) || startTimeOf(pid) !== time);
    return dead.map(([pid]) => (pid === this.other ? 'the other process' : 'the twin'));
  }

  kill(): void {
    for (const [pid, time] of this.#startTimes) {
      if (isAlive(pid) && startTimeOf(pid) === time) process.kill(pid, 'SIGKILL');
    }
  }
}
