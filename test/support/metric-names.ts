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
