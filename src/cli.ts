import { writeSync } from 'node:fs';
import { EXIT, type ExitStatus, Failure } from './failure.ts';
import { printable } from './log/printable.ts';
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
  // A usage error goes to stderr, where whoever typed it looks; so does that of a dry run, which changes no log either.
  let environment: LogEnvironment = {};
  try {
    const call = await readCall(args);
    if (call.kind === 'answer') return;
    const service = toService(call.positionals);
    if (call.kind === 'watch') environment = process.env;
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
  const { print, readOptions } = await import('./options.ts');
  const call = readOptions(args);
  if (call.kind === 'answer') await print(call.text);
  return call;
}

async function report(error: unknown, environment: LogEnvironment): Promise<ExitStatus> {
  const isForeseen = Failure.is(error);
  const what = error instanceof Error ? error.message : String(error);
  const message = isForeseen ? what : `gave up at something unforeseen: ${what}`;
  try {
    const log = await openLog(environment);
    if (isForeseen) log.error(message);
    else log.fatal(message);
  } catch {
    // A part of the program is missing, or no file can be opened any more; status 1 would mean that a start is needed.
    writeLast(message);
  }
  return isForeseen ? error.status : EXIT.cannotTell;
}

/** Where not even the log is left. */
function writeLast(message: string): void {
  try {
    writeSync(2, `sipwd: ${printable(message)}\n`);
  } catch {
    // There is nobody to tell.
  }
}

async function openLog(environment: LogEnvironment) {
  const siplog = await import('./log/siplog.ts');
  return siplog.openLog(environment);
}
