import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import manifest from '../package.json' with { type: 'json' };
import { EXIT, Failure } from './failure.ts';
import { DEFAULT_SETTINGS, type Settings } from './settings.ts';

export { print } from './stdout.ts';

/** What a call with options asks for. */
export type Call =
  | { readonly kind: 'watch'; readonly positionals: readonly string[]; readonly settings: Settings }
  | {
      readonly kind: 'dry run';
      readonly positionals: readonly string[];
      readonly settings: Settings;
      readonly form: 'page' | 'json';
    }
  /** help or the version */
  | { readonly kind: 'answer'; readonly text: string };

/** A day: whoever writes more has taken seconds for something smaller. */
const MOST_SECONDS = 86_400;

const AFTER_HELP = `
Exit status:
  0   nothing to do, or the service was (re)started and runs
  1   usage error, /proc not mounted, or with -e or -n: a start is needed
  2   the pidfile is not usable
  3   the start command failed, or the service did not come up
  4   the rest of the service could not be stopped, so nothing was started
  5   it cannot be told whether the service runs, or is meant to
  75  another sipwd is at work on this service

Environment:
  SIPLOG_BEND          stderr (default), logfile, logfile_async, syslog, none, json
  SIPLOG_LVL           DBUG, INFO (default), WARN, ERR, CRIT
  SIPLOG_LOGFILE_FILE  /var/log/sip.log

Example:
  * * * * * root sipwd /var/run/rtpproxy.runs /usr/local/bin/rtpproxy \\
      /var/run/rtpproxy.pid "/usr/local/etc/rc.d/rtpproxy.sh start"
`;

interface Flags {
  readonly exitIfDown?: true;
  readonly dryRun?: true;
  readonly json?: true;
  readonly memory: boolean;
  readonly termTimeout: number;
  readonly abortTimeout: number;
  readonly coreTimeout: number;
  readonly startTimeout: number;
}

/**
 * Reads a command line that has options.
 *
 * @param args the arguments after the name of the program
 * @throws Failure (usage)
 */
export function readOptions(args: readonly string[]): Call {
  let answer = '';
  // What commander would print: of an error, the message is enough.
  const writeOut = (text: string) => {
    answer += text;
  };
  const command = definition().configureOutput({ writeOut, writeErr: () => undefined });
  try {
    command.parse(args, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return { kind: 'answer', text: answer };
    // A suggestion stands on a line of its own.
    const problem = error.message
      .replace(/^error: /, '')
      .replace(/\.$/, '')
      .replace('\n', ' ');
    throw new Failure(EXIT.usage, `${problem}; see sipwd --help`);
  }
  const flags = command.opts<Flags>();
  const { exitIfDown, memory, termTimeout, abortTimeout, coreTimeout, startTimeout } = flags;
  const timeouts = { term: termTimeout, abort: abortTimeout, core: coreTimeout, start: startTimeout };
  const settings = { exitIfDown: exitIfDown ?? false, hasMemory: memory, timeouts };
  if (flags.dryRun) return { kind: 'dry run', positionals: command.args, settings, form: flags.json ? 'json' : 'page' };
  if (flags.json) throw new Failure(EXIT.usage, 'the option --json goes with --dry-run; see sipwd --help');
  return { kind: 'watch', positionals: command.args, settings };
}

function definition(): Command {
  const { term, abort, core, start } = DEFAULT_SETTINGS.timeouts;
  return (
    new Command('sipwd')
      .description(
        'Checks that a service runs, and starts it when it does not. One run is one pass; cron calls it again.',
      )
      .usage('[options] <runfile> <binfile> <pidfile> <command> [<force_restart_file>]')
      // The rule for them is in service.ts, for calls with and without options: here they are only described.
      .argument('[runfile]', 'the service is meant to run while this file exists')
      .argument('[binfile]', 'the binary of its processes; for a script, the interpreter')
      .argument('[pidfile]', 'holds the PIDs of the service')
      .argument('[command]', 'starts the service; run with /bin/sh -c')
      .argument('[force_restart_file]', 'when this file exists, it is removed, the service aborted and started anew')
      .allowExcessArguments()
      .option('-e, --exit-if-down', 'do all but start the service; exit 1 if a start is needed')
      .option('-n, --dry-run', 'change nothing; say what was found and what would be done; exit 1 if anything')
      .option('--json', 'with --dry-run: say it as one JSON object')
      .addOption(timeout('--term-timeout <s>', 'from SIGTERM to SIGKILL', term))
      .addOption(timeout('--abort-timeout <s>', 'from SIGABRT to SIGKILL', abort))
      .addOption(timeout('--core-timeout <s>', 'how long SIGKILL waits for a core that is being written', core))
      .addOption(timeout('--start-timeout <s>', "how long to wait for the service to run; 0: don't look", start))
      .option('--no-memory', 'neither use nor write down what was seen of the service when it was healthy')
      .helpOption('-h, --help', 'show this help')
      .version(manifest.version, '-V, --version', 'show the version')
      .addHelpText('after', AFTER_HELP)
      .exitOverride()
  );
}

/** @param value the default, in ms */
function timeout(flags: string, description: string, value: number): Option {
  return new Option(flags, description).default(value, `${value / 1000} s`).argParser(toMilliseconds);
}

function toMilliseconds(text: string): number {
  const seconds = /^(\d+(\.\d*)?|\.\d+)$/.test(text) ? Number(text) : Number.NaN;
  if (!(seconds <= MOST_SECONDS)) throw new InvalidArgumentError(`It takes seconds, 0 to ${MOST_SECONDS}.`);
  return seconds * 1000;
}
