/** The documented exit statuses (sipwd(8), EXIT STATUS). */
export const EXIT = {
  ok: 0,
  usage: 1,
  noProcfs: 1,
  startNeeded: 1,
  badPidfile: 2,
  startFailed: 3,
  notStopped: 4,
  cannotTell: 5,
  /** EX_TEMPFAIL of sysexits.h: another run is at work */
  busy: 75,
} as const;

export type ExitStatus = (typeof EXIT)[keyof typeof EXIT];

/** What ends a run early: a message for the operator, and the exit status that it means. */
export class Failure extends Error {
  override readonly name = 'Failure';

  constructor(
    readonly status: ExitStatus,
    message: string,
    cause?: unknown,
  ) {
    super(message, { cause });
  }

  /** By name, not by class: the program is bundled in parts, and each part has a copy of the class. */
  static is(error: unknown): error is Failure {
    return error instanceof Error && error.name === 'Failure' && 'status' in error;
  }
}

/** The errno name of a failed system call, as `ENOENT`; undefined for any other error. */
export function errnoOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code } = error as NodeJS.ErrnoException;
  return typeof code === 'string' ? code : undefined;
}

/** Why a system call failed, in words, with its errno: `permission denied (EACCES)`. */
export function reasonOf(error: unknown): string {
  const errno = errnoOf(error);
  const message = error instanceof Error ? error.message : String(error);
  // The runtimes write `EACCES: permission denied, open '/path'`.
  const words = /^E\w+: (.+?),/.exec(message)?.[1];
  return errno === undefined ? message : words === undefined ? errno : `${words} (${errno})`;
}

/** Whether a system call failed because there is no such file: every other errno is a fault to report. */
export function isAbsence(error: unknown): boolean {
  const errno = errnoOf(error);
  return errno === 'ENOENT' || errno === 'ENOTDIR';
}
