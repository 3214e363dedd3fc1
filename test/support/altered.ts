import { type BigIntStats, statSync } from 'node:fs';
import { Procfs } from '../../src/process/procfs.ts';
import { attempt, type Reading } from '../../src/process/reader.ts';
import type { ProcessStat } from '../../src/process/stat.ts';

export const REFUSED = { kind: 'refused', errno: 'EACCES' } as const;
export const ABSENT = { kind: 'absent' } as const;

/** What /proc shows of one process; undefined: what it really shows. */
export interface Shown {
  readonly stat?: Partial<ProcessStat> | typeof REFUSED | typeof ABSENT;
  readonly exe?: Reading<string>;
  readonly exeFile?: Reading<BigIntStats>;
  readonly argv0?: Reading<string>;
}

const read = <T>(value: T): Reading<T> => ({ kind: 'read', value });

export const OTHER_PATH = read('/bin/true');

/** The process has executed another program. */
export const OTHER_PROGRAM = {
  exe: OTHER_PATH,
  exeFile: attempt(() => statSync('/bin/true', { bigint: true })),
  argv0: read('true'),
} satisfies Shown;

/** The process has another title. */
export const TITLED: Shown = { argv0: read('title') };

/** What makes a process unknown if its name (comm) does not match either. */
export const UNREADABLE: Shown = { exe: REFUSED, argv0: REFUSED };

/** The real /proc, which shows one process differently. */
export class Altered extends Procfs {
  constructor(
    private readonly pid: number,
    private readonly shown: Shown,
  ) {
    super();
  }

  override stat(pid: number): Reading<ProcessStat> {
    const real = super.stat(pid);
    const { stat } = this.shown;
    if (pid !== this.pid || real.kind !== 'read' || stat === undefined) return real;
    return 'kind' in stat ? stat : read({ ...real.value, ...stat });
  }

  override exe(task: string): Reading<string> {
    return (this.#isOf(task) ? this.shown.exe : undefined) ?? super.exe(task);
  }

  override exeFile(task: string): Reading<BigIntStats> {
    return (this.#isOf(task) ? this.shown.exeFile : undefined) ?? super.exeFile(task);
  }

  override async argv0(task: string): Promise<Reading<string>> {
    return (this.#isOf(task) ? this.shown.argv0 : undefined) ?? super.argv0(task);
  }

  #isOf(task: string): boolean {
    return task.split('/', 1)[0] === String(this.pid);
  }
}
