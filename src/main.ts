import { writeSync } from 'node:fs';
import { afterEvent, afterPass } from './after.ts';
import type { Call } from './args/options.ts';
import { readPlain } from './args/plain.ts';
import { toService } from './args/service.ts';
import { DEFAULT_SETTINGS } from './args/settings.ts';
import { type ExitStatus, logEnd } from './exit.ts';
import { DIRECTORIES } from './files/directories.ts';
import { printable } from './log/escape.ts';
import { Journal, type Log } from './log/log.ts';
import { pass } from './pass.ts';
import { Procfs } from './process/procfs.ts';
import { AT_ONCE, type Context } from './service/context.ts';

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
    process.exitCode = call.kind === 'dry run' ? await rehearse(call) : await run(call);
  } catch (error) {
    // Of a usage error or a dry run: always on stderr, for the person at the keyboard.
    const journal = new Journal(false);
    process.exitCode = logEnd(error, journal.about());
    await flush(journal, {});
  }
}

async function run(call: Extract<Call, { kind: 'run' | 'table' }>): Promise<ExitStatus> {
  const journal = new Journal(process.env.SIPLOG_LVL === 'DBUG');
  const status = call.kind === 'table' ? await runTable(call, journal) : await runOne(call, journal);
  await flush(journal, process.env);
  return status;
}

async function runOne(call: Extract<Call, { kind: 'run' }>, journal: Journal): Promise<ExitStatus> {
  const service = toService(call.positionals, call.settings);
  const context = contextFor(journal.about(service.name));
  const outcome = await pass(service, context);
  await afterPass(outcome, context);
  await afterEvent(outcome, context);
  return outcome.status;
}

async function runTable(call: Extract<Call, { kind: 'table' }>, journal: Journal): Promise<ExitStatus> {
  const { passes } = await import('./passes.ts');
  return passes(call.table, call.settings, journal).catch((error: unknown) => logEnd(error, journal.about()));
}

async function rehearse(call: Extract<Call, { kind: 'dry run' }>): Promise<ExitStatus> {
  const { dryRun, dryRuns } = await import('./dry-run/dry-run.ts');
  const journal = new Journal(false);
  if (call.table !== undefined) {
    const status = await dryRuns(call.table, call.settings, call.form, journal);
    await flush(journal, {});
    return status;
  }
  const service = toService(call.positionals, call.settings);
  return dryRun(service, contextFor(journal.about(service.name)), call.form);
}

function contextFor(log: Log): Context {
  const proc = new Procfs();
  return {
    proc,
    directories: DIRECTORIES,
    environment: process.env,
    log,
    scan: async () => {
      const { scan } = await import('./late.ts');
      return scan(proc);
    },
    turn: AT_ONCE,
  };
}

async function readCall(args: readonly string[]): Promise<Call> {
  const call = readPlain(args, DEFAULT_SETTINGS);
  if (call !== undefined) return call;
  const { readOptions } = await import('./args/options.ts');
  return readOptions(args);
}

/** Writes the messages that still wait. */
async function flush(journal: Journal, environment: NodeJS.ProcessEnv): Promise<void> {
  if (!journal.isWaiting) return;
  try {
    const { openLog } = await import('./late.ts');
    journal.open(() => openLog(environment));
  } catch {
    // A file of the program is missing, or no file can be opened.
    journal.open(
      () =>
        ({ message }) =>
          writeLast(message.text),
    );
  }
}

function writeLast(text: string): void {
  try {
    writeSync(2, `sipwd: ${printable(text)}\n`);
  } catch {
    // Nothing is left to write to.
  }
}
