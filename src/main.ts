import { writeSync } from 'node:fs';
import { type Service, toService } from './args/service.ts';
import { DEFAULT_SETTINGS } from './args/settings.ts';
import { EXIT, Exit, type ExitStatus } from './exit.ts';
import { printable } from './log/escape.ts';
import { Journal } from './log/log.ts';
import { messages } from './log/messages.ts';
import { Procfs } from './process/procfs.ts';
import { watch } from './watchdog.ts';

// Node's own modules ask process.stderr whether it is a terminal. That alone makes a pipe non-blocking, for the caller and
// for every process that shares it: messages would be lost. sipwd writes to the descriptor.
Object.defineProperty(process, 'stderr', { value: { isTTY: false } });

/**
 * Runs sipwd and sets the exit status of this process. Never throws: errors are logged.
 *
 * @param args the arguments after the name of the program
 */
export async function main(args: readonly string[]): Promise<void> {
  try {
    const call = await readCall(args);
    if (call.kind === 'answer') {
      const { print } = await import('./files/stdout.ts');
      return await print(call.text);
    }
    const service = toService(call.positionals, call.settings);
    if (call.kind === 'run') process.exitCode = await run(service);
    else process.exitCode = await rehearse(service, call.form);
  } catch (error) {
    // Of a usage error or a dry run: always on stderr, for the person at the keyboard.
    const journal = new Journal(false);
    process.exitCode = report(error, journal);
    await flush(journal, {});
  }
}

async function run(service: Service): Promise<ExitStatus> {
  const journal = new Journal(process.env.SIPLOG_LVL === 'DBUG');
  const log = journal.about(service.name);
  const context = { proc: new Procfs(), environment: process.env, log };
  const status = await watch(service, context).catch((error: unknown) => report(error, journal, service.name));
  await flush(journal, process.env);
  return status;
}

async function rehearse(service: Service, form: 'page' | 'json'): Promise<ExitStatus> {
  const { dryRun } = await import('./dry-run/dry-run.ts');
  const log = new Journal(false).about(service.name);
  return dryRun(service, { proc: new Procfs(), environment: process.env, log }, form);
}

/** The usual line of a crontab has no option and needs no option parser. */
async function readCall(args: readonly string[]) {
  if (args.length > 0 && !args.some((arg) => arg.startsWith('-'))) {
    return { kind: 'run', positionals: args, settings: DEFAULT_SETTINGS } as const;
  }
  const { readOptions } = await import('./args/options.ts');
  return readOptions(args);
}

function report(error: unknown, journal: Journal, name?: string): ExitStatus {
  const isExit = error instanceof Exit;
  const what = error instanceof Error ? error.message : String(error);
  journal.about(name).say(isExit ? error.reason : messages.internal(what));
  return isExit ? error.status : EXIT.cannotTell;
}

/** Writes the messages that still wait. */
async function flush(journal: Journal, environment: NodeJS.ProcessEnv): Promise<void> {
  if (!journal.isWaiting) return;
  try {
    const { openLog } = await import('./late.ts');
    journal.open(openLog(environment));
  } catch {
    // A file of the program is missing, or no file can be opened.
    journal.open(({ message }) => writeLast(message.text));
  }
}

function writeLast(text: string): void {
  try {
    writeSync(2, `sipwd: ${printable(text)}\n`);
  } catch {
    // Nothing is left to write to.
  }
}
