import type { Service } from '../args/service.ts';
import type { ExitStatus } from '../exit.ts';
import type { Message } from '../log/messages.ts';
import type { Trail } from './trail.ts';

/** How one pass over a service ended. */
export interface Outcome {
  readonly service: Service;
  readonly status: ExitStatus;
  readonly trail: Readonly<Trail>;
  /** the last warning or error, else the last message; undefined: nothing was said */
  readonly message: Message | undefined;
}
