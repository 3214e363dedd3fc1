import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import manifest from '../../package.json' with { type: 'json' };
import { MOST_SECONDS, toMilliseconds } from './seconds.ts';
import { usage } from './service.ts';
import { DEFAULT_SETTINGS, type Settings } from './settings.ts';
import { isUtf8 } from './utf8.ts';

/** What a call with options asks for. */
export type Call =
  | { readonly kind: 'run'; readonly positionals: readonly string[]; readonly settings: Settings }
  | {
      readonly kind: 'dry run';
      /** undefined: the positional arguments are the only service */
      readonly table: string | undefined;
      readonly positionals: readonly string[];
      readonly settings: Settings;
      readonly form: 'page' | 'json';
    }
  /** settings: for the lines that do not give them */
  | { readonly kind: 'table'; readonly table: string; readonly settings: Settings }
  /** help or the version */
  | { readonly kind: 'answer'; readonly text: string };

const AFTER_HELP = `
Exit status:
  0   nothing to do, or the service was (re)started and runs
  1   usage error, /proc not mounted, or with -e or -n: a start is needed
  2   the pidfile is not usable
  3   the start command failed, or the service did not come up
  4   the rest of the service could not be stopped, or the force-restart file
      could not be removed
  5   cannot tell whether the service runs or is enabled
  6   paused after repeated failures (--backoff)
  75  another sipwd is working on this service

Environment:
  SIPLOG_BEND          stderr (default), logfile, logfile_async, syslog, none, json
  SIPLOG_LVL           DBUG, INFO (default), WARN, ERR, CRIT
  SIPLOG_LOGFILE_FILE  /var/log/sip.log

Example, a line in /etc/cron.d/sipwd:
  * * * * * root /usr/local/bin/sipwd /run/rtpproxy.runs /usr/local/bin/rtpproxy
      /run/rtpproxy.pid "/usr/local/etc/rc.d/rtpproxy.sh run"
`;

interface Flags {
  readonly table?: string;
  readonly exitIfDown?: boolean;
  readonly dryRun?: true;
  readonly json?: true;
  readonly name?: string;
  readonly memory: boolean;
  readonly termTimeout: number;
  readonly abortTimeout: number;
  readonly coreTimeout: number;
  readonly startTimeout: number;
  readonly backoff: number;
  readonly onEvent?: string;
  readonly metricsDir?: string;
}

/**
 * Reads a command line that has options.
 *
 * @param args the arguments after the name of the program
 * @param defaults for the options that are not given
 * @throws Exit (usage)
 */
export function readOptions(args: readonly string[], defaults = DEFAULT_SETTINGS): Call {
  let answer = '';
  const writeOut = (text: string) => {
    answer += text;
  };
  const command = definition(defaults).configureOutput({ writeOut, writeErr: () => undefined });
  try {
    command.parse(args, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return { kind: 'answer', text: answer };
    // commander puts a suggestion on a second line.
    const problem = error.message.replace(/^error: /, '').replace(/\.$/, '');
    throw usage(problem.replace('\n', ' '));
  }
  return toCall(command.args, command.opts<Flags>(), defaults);
}

function toCall(positionals: readonly string[], flags: Flags, defaults: Settings): Call {
  const { name, exitIfDown = false, memory, termTimeout, abortTimeout, coreTimeout, startTimeout, backoff } = flags;
  const { table, onEvent, metricsDir } = flags;
  for (const [option, value] of Object.entries({ name, table, 'on-event': onEvent, 'metrics-dir': metricsDir })) {
    if (value?.trim() === '') throw usage(`option --${option} is empty`);
    // A name is only shown.
    if (option !== 'name' && value !== undefined && !isUtf8(value))
      throw usage(`option --${option} is not valid UTF-8`);
  }
  if (backoff > 0 && !memory) throw usage('option --backoff needs the snapshot, which --no-memory turns off');
  const timeouts = { term: termTimeout, abort: abortTimeout, core: coreTimeout, start: startTimeout };
  const snapshot = !memory ? 'none' : flags.dryRun || defaults.snapshot === 'read' ? 'read' : 'store';
  const settings: Settings = { name, exitIfDown, snapshot, timeouts, backoff, onEvent, metricsDir };
  if (flags.json && !flags.dryRun) throw usage('option --json needs --dry-run');
  if (table !== undefined && positionals.length > 0) throw usage('with --table, the arguments are those in the table');
  if (flags.dryRun) return { kind: 'dry run', table, positionals, settings, form: flags.json ? 'json' : 'page' };
  if (table !== undefined) return { kind: 'table', table, settings };
  return { kind: 'run', positionals, settings };
}

function definition(defaults: Settings): Command {
  const { name, exitIfDown, snapshot, backoff, onEvent, metricsDir } = defaults;
  const { term, abort, core, start } = defaults.timeouts;
  return (
    new Command('sipwd')
      .description('Checks that a service runs, and starts it if not. One run is one pass; cron runs it again.')
      .usage(
        '[options] <runfile> <binfile> <pidfile> <command> [<force_restart_file>]\n       sipwd [options] --table <file>',
      )
      // service.ts checks them, for calls with and without options.
      .argument('[runfile]', 'the service is enabled while this file exists')
      .argument('[binfile]', 'the binary of its processes; for a script, the interpreter')
      .argument('[pidfile]', 'holds the PIDs of the service')
      .argument('[command]', 'starts the service; run with /bin/sh -c')
      .argument('[force_restart_file]', 'if this file exists, it is removed and the service is killed and restarted')
      .allowExcessArguments()
      .option('--table <file>', 'check the services in a file, each in a line as one writes it after sipwd; -: stdin')
      .option(
        '-e, --exit-if-down',
        'do everything but start the service; exit 1 if a start is needed',
        exitIfDown || undefined,
      )
      .option('-n, --dry-run', 'change nothing; print what was found and the plan; exit 1 if there is something to do')
      .option('--json', 'with --dry-run: print JSON')
      .addOption(timeout('--term-timeout <s>', 'seconds from SIGTERM to SIGKILL', term))
      .addOption(timeout('--abort-timeout <s>', 'seconds from SIGABRT to SIGKILL', abort))
      .addOption(timeout('--core-timeout <s>', 'seconds that SIGKILL is held back while a core is dumped', core))
      .addOption(timeout('--start-timeout <s>', 'seconds to wait until the service runs; 0: do not check', start))
      .addOption(
        timeout('--backoff <s>', 'longest pause between two starts of a service that keeps failing; 0: none', backoff),
      )
      .option('--no-memory', 'neither use nor store a snapshot', snapshot !== 'none')
      .option('--name <name>', 'what the log and the metrics call the service (default: base name of <binfile>)', name)
      .option('--on-event <command>', 'run this command with /bin/sh -c after a run that acted or failed', onEvent)
      .option('--metrics-dir <dir>', "write metrics for node_exporter's textfile collector in every run", metricsDir)
      .helpOption('-h, --help', 'print this help')
      .version(manifest.version, '-V, --version', 'print the version')
      .addHelpText('after', AFTER_HELP)
      .exitOverride()
  );
}

/** @param value the default, in ms */
function timeout(flags: string, description: string, value: number): Option {
  return new Option(flags, description).default(value, `${value / 1000} s`).argParser((text: string) => {
    const ms = toMilliseconds(text);
    if (ms === undefined) throw new InvalidArgumentError(`It must be seconds, 0 to ${MOST_SECONDS}.`);
    return ms;
  });
}
