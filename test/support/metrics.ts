/** The metrics of --metrics-dir. */
export const METRICS: readonly string[] = [
  'sipwd_up',
  'sipwd_enabled',
  'sipwd_pids_listed',
  'sipwd_pids_running',
  'sipwd_paused',
  'sipwd_last_run_timestamp_seconds',
  'sipwd_last_start_timestamp_seconds',
  'sipwd_last_start_duration_seconds',
  'sipwd_exit_status',
  'sipwd_starts_total',
  'sipwd_failed_starts_total',
  'sipwd_forced_restarts_total',
];

/** The metrics of sipwd that a query names. */
export function metricsIn(query: string): string[] {
  return query.match(/\bsipwd_\w+/g) ?? [];
}

/** The samples of the only service, or of one, in metrics: values by name, without the prefix. */
export function samplesIn(text: string, name?: string): Record<string, number> {
  const lines = text.split('\n').filter((line) => line.startsWith('sipwd_'));
  const own = lines.filter((line) => name === undefined || new RegExp(`[{,]name="${name}"`).test(line));
  return Object.fromEntries(own.map((line) => [line.slice(6, line.indexOf('{')), Number(line.split(' ').at(-1))]));
}
