import type { Plan } from '../decide.ts';
import { type CoreSite, coreSiteOf } from '../process/core-site.ts';
import type { Procfs } from '../process/procfs.ts';

/** Where the processes that a forced restart aborts would leave their cores. */
export function coreSitesOf({ actions }: Plan, proc: Procfs): CoreSite[] {
  const aborted = actions.flatMap((action) =>
    action.kind === 'signal' && action.signal === 'SIGABRT' ? action.processes : [],
  );
  return aborted.flatMap(({ pid }) => coreSiteOf(pid, proc) ?? []);
}
