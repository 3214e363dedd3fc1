/** What there is: a healthy service, one of which a part is gone, a forced restart, and ways to be told as running. */
export type Scene = 'healthy' | 'remembered' | 'rest' | 'deaf' | 'forced' | 'by its link' | 'by its argv[0]';

export type Aim =
  | ('node' | 'program' | 'siplog' | 'repair')
  | ('runfile' | 'binfile' | 'pidfile' | 'descriptors' | 'force' | 'procfs' | 'self' | 'exe' | 'stat' | 'status')
  | ('cmdline' | "stranger's cmdline" | 'children' | 'own limits' | 'boot id' | 'record' | 'draft of the record')
  | ('lock folder' | 'lock' | 'flock' | 'shell' | 'cwd' | 'stderr' | 'logfile');

export type Outcome = 'nothing is done' | 'what is left is ended' | 'it is started anew';

/** The fault is `call:errno` or `call:errno:number of the call`; with an aim, only calls that have its path count. */
type Row = [what: string, fault: string, aim: Aim | undefined, says?: RegExp];

/** What comes of faults; where nothing is said, they do not matter. */
export interface Group {
  readonly scene: Scene;
  readonly status: number;
  readonly outcome: Outcome;
  readonly rows: Row[];
}
