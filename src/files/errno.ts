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
