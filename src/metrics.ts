import { basename, extname } from 'node:path';
import type { Service } from './args/service.ts';
import { EXIT } from './exit.ts';
import { reasonOf } from './files/errno.ts';
import { isOfOthers, metricsFile, metricsFileIdentity, writeMetricsFile } from './files/metrics-file.ts';
import type { Log } from './log/log.ts';
import { messages } from './log/messages.ts';
import type { Context } from './service/context.ts';
import { metricsOf, pidfileLabel, type ServiceState, stateOf } from './service/metrics.ts';
import type { Outcome } from './service/outcome.ts';
import { SnapshotFile } from './service/snapshot-file.ts';
import type { Trail } from './service/trail.ts';

/** Where the snapshots are. */
type Disk = Pick<Context, 'proc' | 'directories'>;

/** Writes the metrics of one service. Whatever becomes of them, the run has ended as it has. */
export function writeMetrics(directory: string, outcome: Outcome, context: Context): void {
  const { log } = context;
  const state = stateOf(outcome, outcome.status, tallyOf(outcome, outcome.status, context));
  const path = metricsFile(directory, outcome.service.name);
  if (isOfOthers(path, [pidfileLabel(outcome.service)])) log.say(messages.metricsOfOthers(path));
  write(path, [state], log);
}

/** The metrics of the services of a table: one file in each directory. */
export class TableMetrics {
  readonly #name: string;
  readonly #services: readonly Service[];
  readonly #states = new Map<Service, ServiceState>();
  /** the services that are being repaired */
  readonly #working = new Set<Service>();
  /** by path: what was written */
  readonly #written = new Map<string, string>();

  /** @param table its path; `-`: standard input */
  constructor(
    table: string,
    services: readonly Service[],
    private readonly disk: Disk,
    private readonly log: Log,
  ) {
    this.#name = table === '-' ? 'stdin' : basename(table, extname(table));
    this.#services = services.filter(({ settings }) => settings.metricsDir !== undefined);
  }

  /**
   * Notes what is known of a service. The metrics are written when all services are checked, and again after the last
   * repair: a repair that takes minutes must not make those of the others old.
   *
   * @param status undefined: it is being repaired
   */
  note(service: Service, trail: Readonly<Trail>, status: number | undefined): void {
    if (service.settings.metricsDir === undefined) return;
    this.#states.set(service, stateOf({ service, trail }, status, tallyOf({ service, trail }, status, this.disk)));
    if (status === undefined) this.#working.add(service);
    else this.#working.delete(service);
    const isComplete = this.#states.size === this.#services.length;
    if (isComplete && (this.#written.size === 0 || this.#working.size === 0)) this.#write();
  }

  #write(): void {
    for (const directory of new Set(this.#services.map(({ settings }) => settings.metricsDir ?? ''))) {
      const path = metricsFile(directory, this.#name);
      const before = this.#written.get(path);
      // A later run knows more.
      if (before !== undefined && metricsFileIdentity(path) !== before) continue;
      const services = this.#services.filter(({ settings }) => settings.metricsDir === directory);
      if (before === undefined && isOfOthers(path, services.map(pidfileLabel)))
        this.log.say(messages.metricsOfOthers(path));
      const states = services.flatMap((service) => this.#states.get(service) ?? []);
      this.#written.set(path, write(path, states, this.log));
    }
  }
}

/** A run that has acted, or observed nothing, does not know what the snapshot says now. */
function tallyOf(
  { service, trail }: Pick<Outcome, 'service' | 'trail'>,
  status: number | undefined,
  { proc, directories }: Disk,
): ServiceState['tally'] {
  if (service.settings.snapshot === 'none') return 'none';
  if (status === EXIT.ok && trail.did === 'nothing' && trail.seen !== undefined) return trail.seen.tally;
  try {
    return new SnapshotFile(service.pidfile, proc.bootId(), directories).snapshot?.tally;
  } catch {
    // The pidfile has no name: the run has said so.
    return undefined;
  }
}

/** @returns which file it is now; empty when it could not be written */
function write(path: string, states: readonly ServiceState[], log: Log): string {
  try {
    return writeMetricsFile(path, metricsOf(states));
  } catch (error) {
    log.say(messages.metricsNotWritten(path, reasonOf(error)));
    return '';
  }
}
