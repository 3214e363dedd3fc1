import { isAlive, start, startTimeOf } from '../support/process.ts';
import type { TestService } from '../support/service.ts';

/** Two processes that are none of the business of a service; whatever sipwd would send kills them. */
export class Outsiders {
  /** of another binary; the pidfile may name it */
  readonly stranger = start('/bin/sleep', ['1000']).pid;
  /** of the same binary; no pidfile names it */
  readonly #bystander: number;
  readonly #startTimes: ReadonlyMap<number, string | undefined>;

  constructor({ binfile }: TestService) {
    this.#bystander = start(binfile, ['1000']).pid;
    this.#startTimes = new Map([this.stranger, this.#bystander].map((pid) => [pid, startTimeOf(pid)]));
  }

  /** Who of them is not the process any more that it was. */
  get killed(): string[] {
    const dead = [...this.#startTimes].filter(([pid, time]) => !isAlive(pid) || startTimeOf(pid) !== time);
    return dead.map(([pid]) => (pid === this.stranger ? 'the stranger' : 'the bystander of the same binary'));
  }

  end(): void {
    for (const [pid, time] of this.#startTimes) {
      if (isAlive(pid) && startTimeOf(pid) === time) process.kill(pid, 'SIGKILL');
    }
  }
}
