import { existsSync, readFileSync } from 'node:fs';
import type { TestService } from './service.ts';

/** Those of the hook, and those that it must not have; the test run has some of its own. */
const VARIABLES = '^SIPWD_(EVENT|NAME|BINFILE|PIDFILE|MESSAGE|STATUS|CORE|COOKIE|CALLER)=';

/** A command for --on-event that writes down its variables, and what it wrote, call by call. */
export class Hook {
  readonly #out: string;
  readonly command: string;

  constructor(service: TestService) {
    this.#out = service.path('events');
    this.command = `{ env | grep -E '${VARIABLES}'; echo; } >>${this.#out}`;
  }

  get calls(): Record<string, string>[] {
    if (!existsSync(this.#out)) return [];
    const records = readFileSync(this.#out, 'utf8').split('\n\n').filter(Boolean);
    return records.map((record) =>
      Object.fromEntries(
        record.split('\n').map((line) => [line.slice(6, line.indexOf('=')), line.replace(/.*?=/, '')]),
      ),
    );
  }

  get events(): (string | undefined)[] {
    return this.calls.map(({ EVENT }) => EVENT);
  }
}
