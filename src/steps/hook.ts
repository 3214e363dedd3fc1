import { openLog } from '../files/logfile.ts';
import { printable } from '../log/escape.ts';
import { messages } from '../log/messages.ts';
import { findCore } from '../process/core-file.ts';
import { runInGroup } from '../process/hook.ts';
import { inheritance } from '../process/inherited.ts';
import type { Context } from '../service/context.ts';
import type { RunEvent } from '../service/event.ts';
import type { Outcome } from '../service/outcome.ts';

const TIMEOUT_MS = 30_000;

/** A message can hold a whole start command, and a variable of 128 KiB would be too long (execve(2)). */
const MOST_MESSAGE_CHARACTERS = 4096;

/** Runs the command of --on-event. Whatever becomes of it, the run has ended as it has. */
export async function runHook(command: string, event: RunEvent, outcome: Outcome, context: Context): Promise<void> {
  const { log, environment, proc } = context;
  // What the run has said must not wait for the hook.
  log.open(() => openLog(environment));
  const inherited = inheritance(environment, proc);
  const core = await findCore(outcome.trail.cores);
  const problem = await runInGroup(command, inherited, environmentFor(event, outcome, core, environment), TIMEOUT_MS);
  if (problem !== undefined) log.say(messages.hookFailed(problem, command));
}

/** A caller that is a hook itself has such variables, and a start command the cookie of another service. */
function environmentFor(
  event: RunEvent,
  { service, status, message }: Outcome,
  core: string | undefined,
  { SIPWD_CORE: _core, SIPWD_COOKIE: _cookie, ...environment }: NodeJS.ProcessEnv,
): NodeJS.ProcessEnv {
  return {
    ...environment,
    SIPWD_EVENT: event,
    // As the log has them: one line each, fit for the subject of a mail.
    SIPWD_NAME: printable(service.name),
    SIPWD_MESSAGE: printable(message?.text ?? '').slice(0, MOST_MESSAGE_CHARACTERS),
    SIPWD_BINFILE: service.binfile,
    SIPWD_PIDFILE: service.pidfile,
    SIPWD_STATUS: String(status),
    ...(core !== undefined && { SIPWD_CORE: core }),
  };
}
