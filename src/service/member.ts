import type { Witness } from '../process/verdict.ts';
import type { Evidence } from './evidence.ts';

/** A process that belongs to a service. */
export interface Member extends Witness {
  readonly evidence: Evidence;
  readonly isMain: boolean;
}

/** A process that carries the cookie of a start that is not confirmed. */
export interface Carrier extends Witness {
  /** seconds since it started */
  readonly age: number;
}

/** A process that may belong to a service, and is neither signalled nor waited for. */
export interface LeftAlone {
  readonly pid: number;
  readonly why: string;
}
