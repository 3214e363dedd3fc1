import { EXIT } from '../exit.ts';
import type { Outcome } from './outcome.ts';
import type { Tally } from './tally.ts';

/** What the metrics say of a service; undefined: there is no such sample. */
export interface ServiceState {
  readonly labels: string;
  readonly isEnabled: boolean;
  readonly isUp: boolean | undefined;
  readonly listed: number | undefined;
  readonly running: number | undefined;
  readonly isPaused: boolean | undefined;
  /** ms since 1970 */
  readonly ranAt: number;
  readonly status: number | undefined;
  /** 'none' with --no-memory; undefined: sipwd has not started the service */
  readonly tally: Tally | 'none' | undefined;
}

interface Family {
  readonly name: string;
  readonly type: 'gauge' | 'counter';
  readonly help: string;
  readonly value: (state: ServiceState) => number | boolean | undefined;
}

/** The conventions of Prometheus: base units, and the unit in the name. */
const FAMILIES: readonly Family[] = [
  {
    name: 'up',
    type: 'gauge',
    help: 'Whether all PIDs of the service run; 0 also if that cannot be determined. Absent while it is disabled.',
    value: ({ isUp }) => isUp,
  },
  {
    name: 'enabled',
    type: 'gauge',
    help: 'Whether the service is enabled: 0 if its runfile does not exist.',
    value: ({ isEnabled }) => isEnabled,
  },
  { name: 'pids_listed', type: 'gauge', help: 'PIDs in the pidfile.', value: ({ listed }) => listed },
  { name: 'pids_running', type: 'gauge', help: 'PIDs in the pidfile that run.', value: ({ running }) => running },
  {
    name: 'paused',
    type: 'gauge',
    help: 'Whether sipwd waits before the next start, after repeated failures (--backoff).',
    value: ({ isPaused }) => isPaused,
  },
  {
    name: 'last_run_timestamp_seconds',
    type: 'gauge',
    help: 'When sipwd last checked the service.',
    value: ({ ranAt }) => ranAt / 1000,
  },
  {
    name: 'last_start_timestamp_seconds',
    type: 'gauge',
    help: 'When sipwd last started the service. Absent if it has not.',
    value: ({ tally }) => ofTally(tally, ({ startedAt }) => startedAt / 1000),
  },
  {
    name: 'last_start_duration_seconds',
    type: 'gauge',
    help: 'How long the last start took until all PIDs ran. Absent if they did not.',
    value: ({ tally }) => ofTally(tally, ({ took }) => (took === undefined ? undefined : took / 1000)),
  },
  {
    name: 'exit_status',
    type: 'gauge',
    help: 'The exit status of the last run for the service (sipwd(8), EXIT STATUS). Absent while it works.',
    value: ({ status }) => status,
  },
  {
    name: 'starts_total',
    type: 'counter',
    help: 'Starts of the service by sipwd.',
    value: ({ tally }) => count(tally, ({ starts }) => starts),
  },
  {
    name: 'failed_starts_total',
    type: 'counter',
    help: 'Starts whose command failed, or after which the service did not come up.',
    value: ({ tally }) => count(tally, ({ failedStarts }) => failedStarts),
  },
  {
    name: 'forced_restarts_total',
    type: 'counter',
    help: 'Starts after a forced restart.',
    value: ({ tally }) => count(tally, ({ forcedRestarts }) => forcedRestarts),
  },
];

function ofTally(tally: ServiceState['tally'], value: (tally: Tally) => number | undefined): number | undefined {
  return tally === 'none' || tally === undefined ? undefined : value(tally);
}

function count(tally: ServiceState['tally'], value: (tally: Tally) => number): number | undefined {
  return tally === undefined ? 0 : ofTally(tally, value);
}

/**
 * What is known of a service after a run, or while it works.
 *
 * @param status undefined: it works
 */
export function stateOf(
  { service, trail }: Pick<Outcome, 'service' | 'trail'>,
  status: number | undefined,
  tally: ServiceState['tally'],
): ServiceState {
  const { name, binfile } = service;
  const { isEnabled, seen } = trail;
  const ifEnabled = <T>(value: T) => (isEnabled ? value : undefined);
  return {
    labels: `{name="${escaped(name)}",binfile="${escaped(binfile)}",${pidfileLabel(service)}}`,
    isEnabled,
    isUp: ifEnabled(seen?.health.kind === 'healthy'),
    listed: ifEnabled(seen?.pidfile.pids.length),
    running: ifEnabled(seen?.verdicts.filter(({ kind }) => kind === 'running').length),
    isPaused: ifEnabled(status === EXIT.paused),
    ranAt: Date.now(),
    status,
    tally,
  };
}

/** It identifies the service. */
export function pidfileLabel({ pidfile }: Outcome['service']): string {
  return `pidfile="${escaped(pidfile)}"`;
}

/** The metrics of services in the text format of Prometheus. */
export function metricsOf(states: readonly ServiceState[]): string {
  let text = '';
  for (const { name, type, help, value } of FAMILIES) {
    const metric = `sipwd_${name}`;
    let samples = '';
    for (const state of states) {
      const number = value(state);
      if (number !== undefined) samples += `${metric}${state.labels} ${Number(number)}\n`;
    }
    if (samples !== '') text += `# HELP ${metric} ${help}\n# TYPE ${metric} ${type}\n${samples}`;
  }
  return text;
}

function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
