import { statSync } from 'node:fs';
import { dirname } from 'node:path';
import { distrustOf } from '../files/trust.ts';
import { warning } from '../log/reasons.ts';
import { runTool } from '../process/tool.ts';
import type { Context } from '../service/context.ts';
import { runningIn } from '../service/health.ts';
import type { Observation } from '../service/observation.ts';

const SHELL_TIMEOUT_MS = 2000;

/** The first word of a command after assignments, if it is a plain one. */
const FIRST_WORD = /^\s*(?:[A-Za-z_]\w*=[^\s'"`$\\]*\s+)*([^\s'"`$\\;&|<>(){}*?[\]#~!]+)(?=[\s;&|<>)]|$)/;

/** What a repair would meet if the service died now. */
export async function warningsFor(seen: Observation, context: Context): Promise<string[]> {
  const { service, lock } = seen;
  const word = FIRST_WORD.exec(service.command)?.[1];
  const warnings = [
    distrusted(seen, context),
    seen.hasBinary ? undefined : warning.noSuchBinary(service.binfile),
    word === undefined || (await isCommand(word)) ? undefined : warning.noSuchCommand(word),
    lock?.kind === 'not available' ? warning.noLock(lock.path, lock.problem) : undefined,
    lock?.kind === 'free' && lock.instead !== undefined ? warning.lockedInstead(lock.instead) : undefined,
    isDirectory(dirname(service.runfile)) ? undefined : warning.noRunfileDirectory(dirname(service.runfile)),
    service.forceRestartFile !== undefined && dumpsNoCore(seen, context) ? warning.noCore() : undefined,
  ];
  return warnings.filter((each) => each !== undefined);
}

/** A refused plan says that itself. */
function distrusted({ pidfile, health, distrust }: Observation, { proc }: Context): string | undefined {
  if (distrust !== undefined) return undefined;
  const reason = distrustOf(pidfile.path, pidfile.access, runningIn(health), proc);
  return reason && warning.distrusted(reason.why, reason.fix);
}

/** As the shell finds it: a builtin, a keyword, or a program. */
async function isCommand(word: string): Promise<boolean> {
  const script = 'cd -- "$1"; PATH=$2; command -v -- "$3"';
  const { status } = await runTool('sh', ['-c', script, 'sh', process.cwd(), process.env.PATH ?? '', word], {
    timeout: SHELL_TIMEOUT_MS,
  });
  return status === 0 || status === undefined;
}

function isDirectory(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

/** A core that is piped to a program has no limit (core(5)). */
function dumpsNoCore({ health }: Observation, { proc }: Context): boolean {
  const [main] = runningIn(health);
  return proc.coreLimit(main?.pid ?? process.pid) === '0' && proc.corePattern()?.startsWith('|') === false;
}
