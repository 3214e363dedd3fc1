/** How long to wait, in ms. */
export interface Timeouts {
  readonly term: number;
  readonly abort: number;
  readonly core: number;
  readonly start: number;
}

/** What the options say of a service. */
export interface Settings {
  /** default: the base name of `<binfile>` */
  readonly name: string | undefined;
  readonly exitIfDown: boolean;
  /** a dry run only reads it, --no-memory does neither */
  readonly snapshot: 'store' | 'read' | 'none';
  readonly timeouts: Timeouts;
  /** the longest pause between two starts of a service that keeps failing, in ms; 0: none */
  readonly backoff: number;
  /** a command for after a run that acted or failed */
  readonly onEvent: string | undefined;
  /** a directory for metrics */
  readonly metricsDir: string | undefined;
}

/** The term timeout is the original's; a core of some gigabytes takes minutes; a start takes seconds. */
export const DEFAULT_SETTINGS: Settings = {
  name: undefined,
  exitIfDown: false,
  snapshot: 'store',
  timeouts: { term: 8_000, abort: 8_000, core: 300_000, start: 10_000 },
  backoff: 0,
  onEvent: undefined,
  metricsDir: undefined,
};
