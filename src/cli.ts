import { EXIT, type ExitStatus, Failure } from './failure.ts';
import type { LogEnvironment } from './log/siplog.ts';
import { Procfs } from './process/procfs.ts';
import { toService } from './service.ts';
import { DEFAULT_SETTINGS } from './settings.ts';
import { watch } from './watchdog.ts';

/**
 * Runs sipwd and sets the exit status of this process. Never throws: what goes wrong is said in the log.
 *
 * @param args the arguments after the name of the program
 */
export async function main(args: readonly string[]): Promise<void> {
  // A usage error goes to stderr, where whoever typed it looks.
  let environment: LogEnvironment = {};
  try {
    const call = await readCall(args);
    if (call.kind === 'answered') return;
    const service = toService(call.positionals);
    environment = process.env;
    const world = {
      proc: new Procfs(),
      environment: process.env,
      openLog: () => openLog(environment),
      debug: async (message: string) => {
        if (environment.SIPLOG_LVL === 'DBUG') (await openLog(environment)).debug(message);
      },
    };
    if (call.kind === 'watch') {
      process.exitCode = await watch(service, call.settings, world);
    } else {
      const { dryRun } = await import('./dry-run/dry-run.ts');
      process.exitCode = await dryRun(service, call.settings, world, call.form);
    }
  } catch (error) {
    process.exitCode = await report(error, environment);
  }
}

/** The plain call of a crontab has no option and needs no option parser. */
async function readCall(args: readonly string[]) {
  if (args.length > 0 && !args.some((arg) => arg.startsWith('-'))) {
    return { kind: 'watch', positionals: args, settings: DEFAULT_SETTINGS } as const;
  }
  const { readOptions } = await import('./options.ts');
  return readOptions(args);
}

async function report(error: unknown, environment: LogEnvironment): Promise<ExitStatus> {
  const log = await openLog(environment);
  if (Failure.is(error)) {
    log.error(error.message);
    return error.status;
  }
  log.fatal(`gave up at something unforeseen: ${error instanceof Error ? error.message : String(error)}`);
  return EXIT.cannotTell;
}

async function openLog(environment: LogEnvironment) {
  const siplog = await import('./log/siplog.ts');
  return siplog.openLog(environment);
}
